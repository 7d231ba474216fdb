using Simkeeper.Core.Numbers;

namespace Simkeeper.Core.Usage;

/// <summary>
/// The place where a SIM was used, as usage counts it (Usage Record page: home, national_roaming, international_roaming).
/// </summary>
public static class Roaming
{
    /// <summary>On the network that the SIM's IMSI names, or on a network that no report named.</summary>
    public const string Home = "home";

    /// <summary>On another network of the home country.</summary>
    public const string National = "national";

    /// <summary>Gives <see cref="Home"/>, <see cref="National"/>, or the alpha-3 code of the country abroad.</summary>
    /// <param name="imsi">The SIM's IMSI; its first digits are its home network (3GPP TS 23.003 §2.2). Null: everything is home.</param>
    /// <param name="mcc">The visited network's country code, three digits; null: unknown.</param>
    /// <param name="mnc">The visited network's network code, two or three digits.</param>
    public static string Of(string? imsi, string? mcc, string? mnc)
    {
        if (imsi is null || mcc is null || imsi.StartsWith(mcc + mnc, StringComparison.Ordinal))
            return Home;
        var country = Country.Of(mcc);
        return imsi.StartsWith(mcc, StringComparison.Ordinal) || (country != Country.None && country == Country.Of(imsi[..3]))
            ? National
            : country;
    }
}
