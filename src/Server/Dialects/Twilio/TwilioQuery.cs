using System.Globalization;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>
/// The query of a list: its filters and its page. Page tokens are keysets: <c>PA</c> and a sid for items older than it, <c>PB</c> for newer
/// items. <c>Page</c> is the client's own count and is only repeated; without a token it can only be 0.
/// </summary>
internal sealed class TwilioQuery
{
    public const int PageSizeDefault = 50;
    public const int PageSizeMax = 1000;
    private const string Older = "PA";
    private const string Newer = "PB";

    private readonly TwilioDialect _dialect;
    private readonly string[] _filters;
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);

    /// <exception cref="TwilioException">The page is not acceptable.</exception>
    /// <param name="filters">The list's own parameters, in the order in which the URLs of its pages repeat them.</param>
    public TwilioQuery(HttpRequest request, TwilioDialect dialect, params string[] filters)
    {
        (_dialect, _filters) = (dialect, filters);
        foreach (var (name, value) in request.QueryParameters())
        {
            if (value.Length > 0)
                _given[name] = value;
        }
        PageSize = Math.Min(Number("PageSize", 1) ?? PageSizeDefault, PageSizeMax);
        Page = Number("Page", 0) ?? 0;
        if (Given("PageToken") is { } token)
        {
            After = token.StartsWith(Older, StringComparison.Ordinal) ? Cursor(token) : null;
            Before = token.StartsWith(Newer, StringComparison.Ordinal) ? Cursor(token) : null;
            if (After is null && Before is null)
                throw Invalid("PageToken is not one of ours. Follow next_page_url as it is.");
        }
        else if (Page > 0)
        {
            throw Invalid("Paged requests must include a PageToken. Follow next_page_url as it is.");
        }
    }

    public int PageSize { get; }

    public int Page { get; }

    public Guid? After { get; }

    public Guid? Before { get; }

    public string? Given(string name) => _given.GetValueOrDefault(name);

    /// <summary>Puts a value that the client left open into the URLs of the pages, so that all pages mean the same.</summary>
    public void Keep(string name, string value) => _given[name] = value;

    /// <summary>The URL of a page of this list: the filters, then the place of the page.</summary>
    public string Url(string list, long page, Guid? after = null, Guid? before = null)
    {
        var filters = _filters.Where(_given.ContainsKey).Select(name => $"{name}={Uri.EscapeDataString(_given[name])}&");
        var token = after is { } older ? $"&PageToken={Ids.ToSid(Older, older)}"
            : before is { } newer ? $"&PageToken={Ids.ToSid(Newer, newer)}"
            : "";
        return $"{list}?{string.Concat(filters)}PageSize={PageSize}&Page={page}{token}";
    }

    private static Guid? Cursor(string token) => Ids.TryParseSid(token[..2], token, out var id) ? id : null;

    private int? Number(string name, int min)
    {
        if (Given(name) is not { } text)
            return null;
        var isNumber = text.All(char.IsAsciiDigit);
        var number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var fits) ? fits : int.MaxValue;
        return isNumber && number >= min ? number : throw Invalid($"{name} is a whole number from {min}.");
    }

    private TwilioException Invalid(string message) => new(new TwilioError(_dialect.InvalidPaging, 400, message));
}
