namespace Simkeeper.Core.Sims;

/// <summary>Compares a card of an import with the SIM that has its ICCID already.</summary>
public static class CardAgain
{
    /// <summary>
    /// The SIM as the card makes it, or the same SIM where nothing changes. Only what the row gives counts: it fills what is empty, and
    /// what differs is an error, or with <paramref name="update"/> is corrected. A canceled SIM is compared and never changed.
    /// </summary>
    /// <param name="card">The card of the row.</param>
    /// <param name="sim">The SIM as stored.</param>
    /// <param name="matchingId">Its matching id in clear.</param>
    /// <param name="sealedMatchingId">The matching id of the card, encrypted.</param>
    /// <param name="hasProvider">True if a carrier is given for all rows.</param>
    /// <param name="update">True to correct, and to set names, user, address and metadata as well.</param>
    public static Result<Sim> Compare(
        SimCard card, Sim sim, string? matchingId, byte[]? sealedMatchingId, bool hasProvider, bool update)
    {
        Error? error = null;
        var to = sim;
        if (card.Imsi is { Value: var imsi } && imsi != sim.Imsi && May(ImportColumn.Imsi, sim.Imsi is null))
            to = to with { Imsi = imsi };
        if (card.Msisdn is { Value: var msisdn } && msisdn != sim.Msisdn && May(ImportColumn.Msisdn, sim.Msisdn is null))
            to = to with { Msisdn = msisdn };
        if (card.Eid is { Value: var eid } && eid != sim.Eid && May(ImportColumn.Eid, sim.Eid is null))
            to = to with { Eid = eid };
        if (card.HasType && card.Type != sim.Type && May(ImportColumn.Type, false))
            to = to with { Type = card.Type };
        if ((card.HasProvider || hasProvider) && card.Provider != sim.Provider && May(ImportColumn.Provider, false))
        {
            to = to with { Provider = card.Provider };
            if (sim.Status != SimStatus.New || sim.Progress != Progress.None)
                error ??= Wrong(ImportColumn.Provider, "The carrier of a SIM is corrected only while the SIM is new.");
        }
        to = Activation(to);
        if (to.Type == SimType.PSim && (to.Eid ?? to.SmdpAddress) is not null)
            error ??= Wrong(ImportColumn.Type, "The SIM with this ICCID has an EID or an activation code, and cannot be a pSIM.");
        if (error is not null)
            return error;
        return update && sim.Status != SimStatus.Canceled ? Named(card, to) : to;

        bool May(ImportColumn column, bool isEmpty)
        {
            if (sim.Status != SimStatus.Canceled && (isEmpty || update))
                return true;
            var name = column.ToWire();
            if (!isEmpty)
            {
                error ??= Wrong(column, $"The SIM with this ICCID is there already, with another {name}. "
                    + (update ? "It is canceled, and not changed." : "To correct it, import with update (--update)."));
            }
            return false;
        }

        Sim Activation(Sim known)
        {
            if (card.SmdpAddress is not { } address)
                return known;
            if (known.SmdpAddress is null)
            {
                return May(ImportColumn.SmdpAddress, true)
                    ? known with
                    {
                        SmdpAddress = address,
                        SealedMatchingId = sealedMatchingId,
                        ConfirmationCodeRequired = card.ConfirmationCodeRequired,
                    }
                    : known;
            }
            if (!address.Equals(known.SmdpAddress, StringComparison.OrdinalIgnoreCase) && May(ImportColumn.SmdpAddress, false))
                known = known with { SmdpAddress = address };
            if ((card.MatchingId is not null || card.HasWholeCode) && card.MatchingId != matchingId
                && May(ImportColumn.MatchingId, matchingId is null))
                known = known with { SealedMatchingId = sealedMatchingId };
            if (card.HasWholeCode && card.ConfirmationCodeRequired != known.ConfirmationCodeRequired
                && May(ImportColumn.ConfirmationCodeRequired, false))
                known = known with { ConfirmationCodeRequired = card.ConfirmationCodeRequired };
            return known;
        }
    }

    /// <summary>The SIM with what an import only corrects when it is asked to: people may have edited it since.</summary>
    private static Result<Sim> Named(SimCard card, Sim sim)
    {
        var metadata = sim.Metadata.Merge(card.Metadata.Entries.Select(entry => new KeyValuePair<string, string?>(entry.Key, entry.Value)));
        if (metadata.Error is { } full)
            return full with { Field = "metadata" };
        var named = sim with
        {
            UniqueName = card.UniqueName?.Value ?? sim.UniqueName,
            FriendlyName = card.FriendlyName ?? sim.FriendlyName,
            RegistrationCode = card.RegistrationCode ?? sim.RegistrationCode,
            User = card.User ?? sim.User,
            IpAddress = card.IpAddress?.Value ?? sim.IpAddress,
            Metadata = metadata.Value,
        };
        return SimFields.Differ(sim, named) ? named : sim;
    }

    private static Error Wrong(ImportColumn column, string message) => new(ErrorCode.InvalidCombination, message, column.ToWire());
}
