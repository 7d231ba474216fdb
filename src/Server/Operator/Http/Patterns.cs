namespace Simkeeper.Server.Operator;

/// <summary>The spellings of ids and numbers as regular expressions, for the OpenAPI document.</summary>
internal static class Patterns
{
    public const string Account = "^AC[0-9a-fA-F]{32}$";
    public const string SimSid = "^DE[0-9a-fA-F]{32}$";
    public const string SimId = "^sim_[0-9A-Za-z]{22}$";
    public const string Sim = "^(DE[0-9a-fA-F]{32}|sim_[0-9A-Za-z]{22})$";
    public const string AnySim = "^.{1,255}$";
    public const string RatePlan = "^WP[0-9a-fA-F]{32}$";
    public const string Command = "^DC[0-9a-fA-F]{32}$";
    public const string Key = "^[A-Za-z0-9_-]{1,64}$";
    public const string Operation = "^op_[0-9A-Za-z]{22}$";
    public const string Event = "^evt_[0-9A-Za-z]{22}$";
    public const string Delivery = "^dlv_[0-9A-Za-z]{22}$";
    public const string Endpoint = "^we_[0-9A-Za-z]{22}$";
    public const string Fault = "^flt_[0-9A-Za-z]{22}$";
    public const string Project = "^[a-z][a-z0-9-]{1,28}[a-z0-9]$";
    public const string Carrier = "^[a-z0-9-]{1,32}$";
    public const string Iccid = "^[0-9]{19,20}$";
    public const string Imsi = "^[0-9]{6,15}$";
    public const string Msisdn = "^[0-9]{1,15}$";
    public const string Eid = "^[0-9]{32}$";
    public const string Duration = "^[0-9]+(ms|s|m|h|d)$";
    public const string SignedDuration = "^-?[0-9]+(ms|s|m|h|d)$";
    public const string Time = @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$";

    public static string Sid(string prefix) => $"^{prefix}[0-9a-fA-F]{{32}}$";

    public static string Base62(string prefix) => $"^{prefix}_[0-9A-Za-z]{{22}}$";
}
