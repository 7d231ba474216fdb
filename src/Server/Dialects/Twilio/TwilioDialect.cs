namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>The differences between dialects that share Twilio's shapes.</summary>
/// <param name="Name">The name that is stored with callbacks given in this dialect.</param>
/// <param name="BodyBytesMax">The largest body of a request, in bytes.</param>
/// <param name="FieldsMax">The most parameters of a form.</param>
/// <param name="AllowHttp">True in a sandbox: callbacks may go over plain http too.</param>
/// <param name="InvalidValue">The code of a value that is not acceptable.</param>
/// <param name="InvalidPaging">The code of a page that is not acceptable.</param>
internal sealed record TwilioDialect(string Name, long BodyBytesMax, int FieldsMax, bool AllowHttp, int InvalidValue, int InvalidPaging);
