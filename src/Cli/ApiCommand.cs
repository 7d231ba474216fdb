using System.CommandLine;
using System.Text.Json;

namespace Simkeeper.Cli;

/// <summary>A value that an operation takes, as an option of its command.</summary>
/// <param name="Name">Its name in the API; <c>expiresAt</c> is the option <c>--expires-at</c>.</param>
/// <param name="Help">Explains it in a sentence.</param>
internal sealed record ApiField(string Name, string Help, ApiFieldKind Kind = ApiFieldKind.Text, bool IsRequired = false)
{
    public string OptionName =>
        "--" + string.Concat(Name.Select(c => char.IsAsciiLetterUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{c}"));
}

internal enum ApiFieldKind
{
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>An option without a value.</summary>
    Flag,

    /// <summary>Several texts with commas between them.</summary>
    List,

    /// <summary>A time, also such as <c>24h</c> or <c>yesterday</c>.</summary>
    Time,
}

/// <summary>
/// A command that is one operation of the operator API: parts of the path are its arguments, the fields its options. It prints the answer,
/// a list page by page.
/// </summary>
internal sealed class ApiCommand : Command
{
    private readonly IReadOnlyList<ApiField> _fields;
    private readonly List<(string Name, Func<ParseResult, string> Value)> _parts = [];
    private readonly Dictionary<ApiField, Option> _options = [];
    private readonly Paging? _paging;

    /// <param name="path">Below <c>/operator/v1</c>. <c>{account}</c> is the option <c>--account</c>, any other part an argument.</param>
    /// <param name="columns">The columns of a list; none: the answer is no list.</param>
    public ApiCommand(
        string verb, string description, HttpMethod method, string path, string[] columns, params IReadOnlyList<ApiField> fields)
        : base(verb, description)
    {
        (Method, Path, Columns, _fields) = (method, path, columns, fields);
        foreach (var part in path.Split('/').Where(part => part.StartsWith('{')))
            AddPart(part[1..^1]);
        foreach (var field in fields)
        {
            Option option = field.Kind == ApiFieldKind.Flag
                ? new Option<bool>(field.OptionName)
                : new Option<string>(field.OptionName) { HelpName = HelpNameOf(field.Kind), Required = field.IsRequired };
            option.Description = field.Help;
            if (option is Option<string> text && field.Kind == ApiFieldKind.Time)
                text.Check(Times.IsTime, Times.Rule);
            if (option is Option<string> number && field.Kind == ApiFieldKind.Number)
                number.Check(value => long.TryParse(value, out _), "must be a whole number.");
            _options.Add(field, option);
            Add(option);
        }
        if (columns.Length > 0)
        {
            _paging = new Paging();
            _paging.AddTo(this);
        }
        SetAction(RunAsync);
    }

    public HttpMethod Method { get; }

    public string Path { get; }

    /// <summary>The columns of a list.</summary>
    public string[] Columns { get; }

    private void AddPart(string name)
    {
        if (name == "account")
        {
            var account = SharedOptions.Account("The account.");
            account.Required = true;
            Add(account);
            _parts.Add((name, parsed => parsed.GetRequiredValue(account)));
            return;
        }
        var argument = Path.StartsWith("sims/", StringComparison.Ordinal)
            ? SharedOptions.SimId()
            : new Argument<string>(name.ToUpperInvariant()) { Description = $"Its {(name == "sid" ? "sid" : "id")}." };
        Add(argument);
        _parts.Add((name, parsed => parsed.GetRequiredValue(argument)));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var path = _parts.Aggregate(Path, (at, part) => at.Replace(
            $"{{{part.Name}}}", Uri.EscapeDataString(part.Value(parsed)), StringComparison.Ordinal));
        var given = new List<(ApiField Field, string Value)>();
        foreach (var field in _fields)
        {
            if (await ValueAsync(api, parsed, field, cancellation) is { } value)
                given.Add((field, value));
        }
        if (_paging is not null)
        {
            var filter = string.Concat(given.Select(item => $"&{item.Field.Name}={Uri.EscapeDataString(item.Value)}"));
            await _paging.PrintAsync(api, output, parsed, path, filter, Columns, cancellation);
            return ExitCode.Done;
        }
        using var answer = await api.SendAsync(Method, path, _fields.Count == 0 ? null : json => Write(json, given), cancellation);
        if (answer is not null)
            output.Document(answer.RootElement);
        return ExitCode.Done;
    }

    /// <summary>The given value as text; null: it is not given.</summary>
    private async ValueTask<string?> ValueAsync(ApiClient api, ParseResult parsed, ApiField field, CancellationToken cancellation) =>
        _options[field] switch
        {
            Option<bool> flag => parsed.GetValue(flag) ? "true" : null,
            Option<string> time when field.Kind == ApiFieldKind.Time => await Times.ReadAsync(api, parsed.GetValue(time), cancellation),
            Option<string> text => parsed.GetValue(text),
            _ => null,
        };

    private static void Write(Utf8JsonWriter json, List<(ApiField Field, string Value)> given)
    {
        json.WriteStartObject();
        foreach (var (field, value) in given)
        {
            json.WritePropertyName(field.Name);
            switch (field.Kind)
            {
                case ApiFieldKind.Number:
                    json.WriteNumberValue(long.Parse(value));
                    break;
                case ApiFieldKind.Flag:
                    json.WriteBooleanValue(true);
                    break;
                case ApiFieldKind.List:
                    json.WriteStartArray();
                    foreach (var item in value.Split(','))
                        json.WriteStringValue(item);
                    json.WriteEndArray();
                    break;
                default:
                    json.WriteStringValue(value);
                    break;
            }
        }
        json.WriteEndObject();
    }

    private static string HelpNameOf(ApiFieldKind kind) => kind switch
    {
        ApiFieldKind.Number => "N",
        ApiFieldKind.List => "A,B,…",
        ApiFieldKind.Time => "TIME",
        _ => "TEXT",
    };
}
