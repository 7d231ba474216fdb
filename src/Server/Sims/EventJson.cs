using System.Globalization;
using System.Text;

namespace Simkeeper.Server.Sims;

/// <summary>
/// Writes the JSON of an event, which is kept long: only what must be escaped is (RFC 8259 §7). The library's writer escapes every letter
/// outside the Basic Multilingual Plane, which makes 12 bytes of 4.
/// </summary>
internal sealed class EventJson
{
    private readonly StringBuilder _json = new("{", 256);
    private bool _isFirst = true;

    /// <summary>Begins an object of this name.</summary>
    public void Begin(string name)
    {
        Name(name);
        _json.Append('{');
        _isFirst = true;
    }

    /// <summary>Ends the object that was begun last.</summary>
    public void End()
    {
        _json.Append('}');
        _isFirst = false;
    }

    /// <summary>Writes a text, or null, under a name.</summary>
    public void Write(string name, string? value)
    {
        Name(name);
        if (value is null)
            _json.Append("null");
        else
            Quote(value);
    }

    /// <summary>Ends the whole, and gives it.</summary>
    public string Text() => _json.Append('}').ToString();

    private void Name(string name)
    {
        if (!_isFirst)
            _json.Append(',');
        _isFirst = false;
        Quote(name);
        _json.Append(':');
    }

    private void Quote(string text)
    {
        _json.Append('"');
        foreach (var letter in text)
        {
            if (letter is '"' or '\\')
                _json.Append('\\').Append(letter);
            else if (letter < ' ')
                _json.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
            else
                _json.Append(letter);
        }
        _json.Append('"');
    }
}
