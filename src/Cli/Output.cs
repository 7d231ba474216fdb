using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Simkeeper.Cli;

/// <summary>Writes data to stdout, as a plain table or as the JSON of the answer, and messages to stderr.</summary>
internal sealed class Output : IDisposable
{
    private const int BufferChars = 16 * 1024;
    private const string Gap = "  ";
    private readonly StreamWriter _data = new(Console.OpenStandardOutput(), new UTF8Encoding(false), BufferChars);
    private readonly bool _json;
    private readonly TimeStyle _times;
    private int[]? _widths;

    private Output(bool json, TimeStyle times) => (_json, _times) = (json, times);

    public static Output From(ParseResult parsed) => new(
        parsed.GetValue(SharedOptions.Json),
        parsed.GetValue(SharedOptions.Local) ? TimeStyle.Local : parsed.GetValue(SharedOptions.Ago) ? TimeStyle.Ago : TimeStyle.Utc);

    public static void Message(string text) => Console.Error.WriteLine(Printable(text));

    /// <summary>Makes text from elsewhere harmless: it cannot move the cursor or change the title of the terminal.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;

    /// <summary>Prints one document: a line for each member; a member within an object is named like <c>metadata.batch</c>.</summary>
    public void Document(JsonElement document)
    {
        if (_json)
        {
            WriteRaw(document);
        }
        else
        {
            var members = Members(document, "").ToList();
            var width = members.Select(member => member.Name.Length).DefaultIfEmpty().Max();
            foreach (var (name, value) in members)
                _data.WriteLine(Terminal.Fit(name.PadRight(width) + Gap + value, cut: false));
        }
        _data.Flush();
    }

    /// <summary>
    /// Prints a page of a list. A column is a member, or one within an object such as <c>actor.kind</c>. Columns only ever grow wider, so
    /// that a list of any length is printed page by page.
    /// </summary>
    public void Page(IReadOnlyList<JsonElement> items, string[] columns)
    {
        if (_json)
        {
            foreach (var item in items)
                WriteRaw(item);
        }
        else
        {
            var rows = items.Select(item => Array.ConvertAll(columns, column => Cell(item, column))).ToList();
            if (_widths is null)
            {
                _widths = new int[columns.Length];
                rows.Insert(0, columns);
            }
            for (var i = 0; i < columns.Length; i++)
                _widths[i] = rows.Select(row => row[i].Length).Append(_widths[i]).Max();
            foreach (var row in rows)
                _data.WriteLine(Terminal.Fit(string.Join(Gap, row.Select((cell, i) => cell.PadRight(_widths[i]))).TrimEnd()));
        }
        _data.Flush();
    }

    /// <summary>Prints one line for people, or in JSON the value that is written.</summary>
    public void Line(string text, Action<Utf8JsonWriter> write)
    {
        if (_json)
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                write(json);
            _data.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }
        else
        {
            _data.WriteLine(Printable(text));
        }
        _data.Flush();
    }

    public void Dispose() => _data.Dispose();

    // Line breaks in JSON text are white space (inside a string they are written \n), so without them the text is one line.
    private void WriteRaw(JsonElement element) =>
        _data.WriteLine(element.GetRawText().Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));

    private IEnumerable<(string Name, string Value)> Members(JsonElement document, string prefix) =>
        document.EnumerateObject().SelectMany(member =>
            member.Value.ValueKind == JsonValueKind.Object && member.Value.GetPropertyCount() > 0
                ? Members(member.Value, $"{prefix}{Printable(member.Name)}.")
                : [(prefix + Printable(member.Name), Cell(member.Value))]);

    private string Cell(JsonElement item, string column)
    {
        foreach (var name in column.Split('.'))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
                return "-";
        }
        return Cell(item);
    }

    private string Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "-",
        JsonValueKind.Object when value.GetPropertyCount() == 0 => "-",
        JsonValueKind.Array => string.Join("; ", value.EnumerateArray().Select(Cell)),
        JsonValueKind.String => Terminal.Time(Printable(value.GetString()!), _times),
        _ => Printable(value.GetRawText()),
    };
}
