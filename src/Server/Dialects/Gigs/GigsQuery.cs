using System.Globalization;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// Reads the query of a list, strictly: an unknown, empty or repeated parameter is refused, and so is a value out of range.
/// </summary>
internal static class GigsQuery
{
    private const int LimitDefault = 10;
    private const int LimitMax = 200;
    private static readonly string[] Known = ["provider", "status", "type", "user", "after", "before", "limit"];

    /// <summary>Refuses every parameter, for operations that have none.</summary>
    public static void None(HttpRequest request)
    {
        if (request.QueryParameters() is [var first, ..])
            throw Unknown(first.Key);
    }

    public static SimQuery Read(HttpRequest request, Caller caller, bool listRetired)
    {
        var given = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, value) in request.QueryParameters())
        {
            if (!Known.Contains(name))
                throw Unknown(name);
            if (value.Length == 0)
                throw Invalid(name, $"{name} is empty. Give it a value, or leave it out.");
            if (value.Contains('\0'))
                throw Invalid(name, $"{name} has a NUL in it, which no store keeps.");
            if (!given.TryGetValue(name, out var values))
                given.Add(name, values = []);
            else if (name is not ("provider" or "status"))
                throw Invalid(name, $"{name} is given twice.");
            values.Add(value);
        }
        string? One(string name) => given.TryGetValue(name, out var values) ? values[0] : null;
        if (given.ContainsKey("after") && given.ContainsKey("before"))
            throw Invalid("before", "after and before exclude each other. Give one of them.");
        var statuses = Many(given, "status").Select(Status).SelectMany(Settled).Distinct().ToList();
        if (statuses.Count == 0 && !listRetired)
            statuses = [.. Enum.GetValues<SimStatus>().Where(status => status.Gigs() != GigsStatus.Retired)];
        var providers = Many(given, "provider").Distinct().ToList();
        if (providers.Count > ListSims.ProvidersMax)
            throw Invalid("provider", $"provider takes at most {ListSims.ProvidersMax} values.");
        return new SimQuery(caller.OrgId, caller.AccountId)
        {
            Limit = Limit(One("limit")),
            Statuses = statuses.Count is 0 or 6 ? null : statuses,
            Providers = providers.Count == 0 ? null : providers,
            Type = One("type") is { } type ? Type(type) : null,
            User = One("user"),
            After = Cursor("after", One("after")),
            Before = Cursor("before", One("before")),
        };
    }

    private static List<string> Many(Dictionary<string, List<string>> given, string name)
    {
        var values = given.TryGetValue(name, out var lists) ? lists.SelectMany(list => list.Split(',')).ToList() : [];
        return values.Contains("") ? throw Invalid(name, $"{name} has an empty value. Separate values with one comma.") : values;
    }

    private static int Limit(string? text)
    {
        if (text is null)
            return LimitDefault;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit <= LimitMax
            ? limit
            : throw Invalid("limit", $"limit is a whole number from 0 to {LimitMax}.");
    }

    private static GigsStatus Status(string word) => word switch
    {
        "inactive" => GigsStatus.Inactive,
        "active" => GigsStatus.Active,
        "retired" => GigsStatus.Retired,
        _ => throw Invalid("status", "status is inactive, active or retired."),
    };

    private static IEnumerable<SimStatus> Settled(GigsStatus wanted) =>
        Enum.GetValues<SimStatus>().Where(status => status.Gigs() == wanted);

    public static SimType Type(string word)
    {
        var type = SimTypes.Parse(word);
        return type.Error is null ? type.Value : throw Invalid("type", "type is eSIM or pSIM.");
    }

    private static Guid? Cursor(string name, string? text)
    {
        if (text is null)
            return null;
        return Ids.TryParseBase62("sim", text, out var id) ? id : throw UnknownCursor(name);
    }

    public static GigsException UnknownCursor(string name) =>
        Invalid(name, $"{name} is not the id of a SIM of this project. Use moreItemsAfter or moreItemsBefore of the page before.");

    public static GigsException Invalid(string property, string message) => new(GigsError.Invalid(property, message));

    public static GigsException Unknown(string name) =>
        new(GigsError.Invalid(Requests.Shown(name), $"Unknown parameter {Requests.Shown(name)}. Leave it out.", "propertyUnknown"));
}
