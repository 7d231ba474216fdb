using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>
/// The parameters of a request, an HTML form. Unknown ones are ignored, as Twilio does; of a repeated one the last counts. A value that is
/// not acceptable reads like one that was not given, and <see cref="Error"/> reports it. After reading all values, look at it or call <see
/// cref="Check"/>.
/// </summary>
internal sealed class TwilioForm
{
    public const int UrlMax = 2048;
    public const int FriendlyNameMax = 256;
    private const string ContentType = "application/x-www-form-urlencoded";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<KeyValuePair<string, string>> _parameters;

    private readonly TwilioDialect _dialect;

    private TwilioForm(List<KeyValuePair<string, string>> parameters, TwilioDialect dialect) =>
        (_parameters, _dialect) = (parameters, dialect);

    /// <summary>The first value read that is not acceptable; null: none.</summary>
    public Error? Error { get; private set; }

    /// <exception cref="TwilioException">The body is no form.</exception>
    public static async Task<TwilioForm> ReadAsync(HttpRequest request, TwilioDialect dialect)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (type is { Length: > 0 } && !type.Equals(ContentType, StringComparison.OrdinalIgnoreCase))
            throw new TwilioException(new TwilioError(20001, 415, $"Send the parameters as {ContentType}."));
        var parameters = new List<KeyValuePair<string, string>>();
        try
        {
            foreach (var pair in new QueryStringEnumerable(Utf8.GetString(await request.BodyAsync(dialect.BodyBytesMax))))
            {
                if (parameters.Count == dialect.FieldsMax)
                {
                    throw new TwilioException(new TwilioError(
                        dialect.InvalidValue, 400, $"The form has more than {dialect.FieldsMax} parameters."));
                }
                parameters.Add(new(Decode(pair.EncodedName), Decode(pair.EncodedValue)));
            }
        }
        catch (DecoderFallbackException)
        {
            throw new TwilioException(new TwilioError(dialect.InvalidValue, 400, "The parameters are not valid UTF-8."));
        }
        return new TwilioForm(parameters, dialect);
    }

    /// <summary>Notes an unacceptable value, unless one was noted before.</summary>
    public void Refuse(Error error) => Error ??= error;

    /// <summary>Ends the request if a value that was read is not acceptable.</summary>
    /// <exception cref="TwilioException">A value is not acceptable.</exception>
    public void Check()
    {
        if (Error is { } error)
            throw new TwilioException(new TwilioError(_dialect.InvalidValue, 400, error.Message));
    }

    /// <summary>The value as it was sent, or null when it was not.</summary>
    public string? Text(string name) => _parameters.FindLast(pair => pair.Key == name).Value;

    /// <summary>The value, or null when it was not sent or is empty.</summary>
    public string? Given(string name) => Text(name) is { Length: > 0 } text ? text : null;

    /// <summary>The values of a parameter that may be repeated; null when it was not sent.</summary>
    public IReadOnlyList<string>? All(string name) =>
        _parameters.Where(pair => pair.Key == name).Select(pair => pair.Value).ToList() is { Count: > 0 } values ? values : null;

    /// <summary><c>true</c> or <c>false</c> in any case, or null when it was not given.</summary>
    public bool? Flag(string name) => Given(name)?.ToLowerInvariant() switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => Invalid<bool?>($"{name} is true or false."),
    };

    /// <summary>A whole number in this range, or null when it was not given.</summary>
    public int? Number(string name, int min, int max)
    {
        if (Given(name) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : Invalid<int?>($"{name} is a whole number from {min} to {max}.");
    }

    /// <summary>One of these words, or null when it was not given.</summary>
    public string? OneOf(string name, params string[] words) => Given(name) is not { } word
        ? null
        : words.Contains(word) ? word : Invalid<string>($"{name} is one of {string.Join(", ", words)}.");

    /// <summary>A change of the resource's unique name; an empty value clears it.</summary>
    public Change<string?>? UniqueName()
    {
        if (Text("UniqueName") is not { } text)
            return null;
        if (text.Length == 0)
            return new(null);
        var name = Core.Sims.UniqueName.Parse(text);
        return name.Error is { } error ? Invalid<Change<string?>?>(error.Message) : new(name.Value.Value);
    }

    /// <summary>A change of the resource's friendly name; an empty value clears it.</summary>
    public Change<string?>? FriendlyName()
    {
        if (Text("FriendlyName") is not { } text)
            return null;
        if (text.EnumerateRunes().Count() > FriendlyNameMax || text.Contains('\0') || text.Contains('\uFFFD'))
            return Invalid<Change<string?>?>($"FriendlyName has at most {FriendlyNameMax} characters of valid UTF-8.");
        return new(text.Length == 0 ? null : text);
    }

    /// <summary>Reads the callback to make about this request, its URL as it is stored; null: none.</summary>
    public Callback? Callback(SealedUrls urls)
    {
        var method = Method("CallbackMethod") ?? "POST";
        return Url("CallbackUrl") is { } url ? new Callback(urls.Seal(url), method, _dialect.Name) : null;
    }

    /// <summary>An HTTP method, or null when it was not given.</summary>
    public string? Method(string name) => Given(name)?.ToUpperInvariant() switch
    {
        null => null,
        "GET" => "GET",
        "POST" => "POST",
        _ => Invalid<string>($"{name} is GET or POST."),
    };

    /// <summary>An address, or null when it was not given.</summary>
    /// <param name="isCalled">True if we call it; the old SMS and voice URLs are only stored.</param>
    public string? Url(string name, bool isCalled = true)
    {
        if (Given(name) is not { } text)
            return null;
        if (text.Length > UrlMax || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '\uFFFD')
            || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0
            || (isCalled && ReceiverUrl.Read(text) is null))
            return Invalid<string>($"{name} is an absolute http or https URL of at most {UrlMax} characters.");
        return !isCalled || _dialect.AllowHttp || url.Scheme == "https"
            ? text
            : Invalid<string>($"{name} is an https URL: messages go over http in a sandbox only.");
    }

    private static string Decode(ReadOnlyMemory<char> encoded) =>
        Utf8.GetString(WebUtility.UrlDecodeToBytes(
            Encoding.UTF8.GetBytes(encoded.ToArray()), 0, Encoding.UTF8.GetByteCount(encoded.Span)) ?? []);

    private T? Invalid<T>(string message)
    {
        Refuse(new Error(ErrorCode.InvalidValue, message));
        return default;
    }
}
