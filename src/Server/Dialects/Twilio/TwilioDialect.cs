namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>The ways in which the dialects that share Twilio's shapes differ.</summary>
/// <param name="Name">The name that callbacks given in it bear.</param>
/// <param name="BodyBytesMax">The largest body of a request.</param>
/// <param name="AllowHttp">Callbacks go over plain http too: in a sandbox.</param>
/// <param name="InvalidValue">The code of a value that is not acceptable.</param>
/// <param name="InvalidPaging">The code of a page that is not acceptable.</param>
internal sealed record TwilioDialect(string Name, long BodyBytesMax, bool AllowHttp, int InvalidValue, int InvalidPaging);
