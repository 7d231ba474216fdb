using System.Text;
using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>What a KORE callback says (KORE Sim page, "Callback values"): parameters in the page's order; those of an error only when
/// there is one.</summary>
public static class KoreCallback
{
    public const string ApiVersion = "v1";

    /// <summary>The parameters, encoded as an HTML form: the body of a POST, or what is added to the query of a GET.</summary>
    public static string Form(Sim sim, CallbackMessage message)
    {
        var form = new StringBuilder();
        void Add(string name, string value)
        {
            if (form.Length > 0)
                form.Append('&');
            form.Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        Add("SimSid", sim.Sid);
        Add("SimUniqueName", sim.UniqueName ?? "");
        Add("SimStatus", sim.Shown);
        if (message.ErrorCode is { } code)
            Add("ErrorCode", code.ToString());
        if (message.ErrorMessage is { } text)
            Add("ErrorMessage", text);
        Add("ApiVersion", ApiVersion);
        Add("AccountSid", Ids.ToSid("AC", sim.AccountId));
        return form.ToString();
    }

    /// <summary>The parameters of a form that <see cref="Form"/> made, decoded.</summary>
    public static List<KeyValuePair<string, string>> Parameters(ReadOnlySpan<byte> form)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        if (form.Length == 0)
            return parameters;
        foreach (var pair in Encoding.UTF8.GetString(form).Split('&'))
        {
            var (name, value) = pair.IndexOf('=') is >= 0 and var at ? (pair[..at], pair[(at + 1)..]) : (pair, "");
            parameters.Add(KeyValuePair.Create(name, Uri.UnescapeDataString(value)));
        }
        return parameters;
    }

    /// <summary>Where the request goes: the URL as a receiver sees it, and for a GET with the form added to its query.</summary>
    public static string Target(Callback to, string form)
    {
        var url = Canonical(to.Url);
        return to.Method == "GET" ? $"{url}{(url.Contains('?') ? '&' : '?')}{form}" : url;
    }

    /// <summary>
    /// An absolute URL as it is requested: host in lower case and punycode, no default port, no <c>/../</c>, everything escaped that must be,
    /// no fragment; with user and password. A receiver verifies what it sees, so this is what is signed.
    /// </summary>
    public static string Canonical(string url)
    {
        var parsed = new Uri(url);
        var user = parsed.UserInfo.Length > 0 ? parsed.UserInfo + "@" : "";
        var host = parsed.HostNameType == UriHostNameType.IPv6 ? $"[{parsed.IdnHost}]" : parsed.IdnHost;
        var port = parsed.IsDefaultPort ? "" : $":{parsed.Port}";
        return $"{parsed.Scheme}://{user}{host}{port}{parsed.PathAndQuery}";
    }

    /// <summary>
    /// The parameters of a callback about a Command, encoded as an HTML form. The page gives no table of them; these are those of a Sim's
    /// callback and of the Command as its resource names it, with its status under both names that have been seen.
    /// </summary>
    public static string CommandForm(Command command, Sim sim, int? errorCode = null, string? errorMessage = null)
    {
        var form = new StringBuilder();
        void Add(string name, string value) =>
            form.Append(form.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        Add("CommandSid", command.Sid);
        Add("SimSid", sim.Sid);
        Add("SimUniqueName", sim.UniqueName ?? "");
        Add("Command", command.Body);
        Add("CommandMode", command.Mode.ToWire());
        Add("CommandStatus", command.Status.ToWire());
        Add("Status", command.Status.ToWire());
        Add("Direction", command.Direction.ToWire());
        if (errorCode is { } code)
            Add("ErrorCode", $"{code}");
        if (errorMessage is not null)
            Add("ErrorMessage", errorMessage);
        Add("ApiVersion", ApiVersion);
        Add("AccountSid", Ids.ToSid("AC", command.AccountId));
        return form.ToString();
    }
}
