using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// Reads bodies, strictly: a body that is not JSON is malformed, and any property or type that is not documented is invalid.
/// </summary>
internal static partial class GigsBody
{
    private const int DepthMax = 16;

    /// <summary>The metadata of a PATCH: keys to set, or with null to delete; null when the body does not name it.</summary>
    public static List<KeyValuePair<string, string?>>? Patch(byte[] body)
    {
        using var document = Parse(body);
        List<KeyValuePair<string, string?>>? patch = null;
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Name != "metadata")
                throw GigsQuery.Unknown(property.Name);
            if (property.Value.ValueKind != JsonValueKind.Object)
                throw GigsQuery.Invalid("metadata", "metadata is an object of strings. Leave it out to change nothing.");
            patch = [];
            foreach (var entry in property.Value.EnumerateObject())
            {
                if (entry.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                {
                    throw GigsQuery.Invalid(
                        $"metadata.{Requests.Shown(entry.Name)}", "A metadata value is a string, or null to delete the key.");
                }
                patch.Add(new(entry.Name, Text(entry.Value)));
            }
        }
        return patch;
    }

    /// <summary>Reads a search: the ICCID, without a filler F, and the types; null: both types.</summary>
    /// <param name="invalidIccidCode">The code of the error for an ICCID of a wrong form.</param>
    public static (string Iccid, IReadOnlyList<SimType>? Types) Search(byte[] body, string invalidIccidCode)
    {
        using var document = Parse(body);
        string? iccid = null;
        List<SimType>? types = null;
        foreach (var property in document.RootElement.EnumerateObject())
        {
            switch (property.Name)
            {
                case "iccid":
                    if (property.Value.ValueKind != JsonValueKind.String || !IccidPattern().IsMatch(Text(property.Value)!))
                    {
                        throw new GigsException(new GigsError(422, "invalid", "Invalid ICCID format.")
                        {
                            Code = invalidIccidCode,
                            Details = [new("propertyInvalid", "Invalid ICCID format.", "iccid")],
                            Hint = "Parameter iccid must match /^([0-9]{19}F?|[0-9]{20})$/i",
                        });
                    }
                    iccid = property.Value.GetString()!.TrimEnd('F', 'f');
                    break;
                case "type":
                    types = Types(property.Value);
                    break;
                default:
                    throw GigsQuery.Unknown(property.Name);
            }
        }
        return iccid is null
            ? throw new GigsException(GigsError.Invalid("iccid", "iccid is required.", "propertyRequired"))
            : (iccid, types);
    }

    private static List<SimType>? Types(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
            throw GigsQuery.Invalid("type", "type is an array of eSIM, pSIM or both. Leave it out for both.");
        return [.. value.EnumerateArray().Select(item => GigsQuery.Type(item.ValueKind == JsonValueKind.String ? Text(item)! : ""))];
    }

    private static JsonDocument Parse(byte[] body)
    {
        // The reader accepts any bytes inside a string, and fails only when the text is read.
        if (!Utf8.IsValid(body))
            throw new GigsException(GigsError.Malformed("The body is not UTF-8."));
        JsonDocument document;
        try
        {
            document = Requests.Json(body, DepthMax);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The check for duplicates reads every name, and fails with the latter if one is no valid text.
            throw new GigsException(GigsError.Malformed("The body is not valid JSON."));
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new GigsException(new GigsError(422, "invalid", "The body must be a JSON object."));
    }

    /// <summary>The string, if it is valid Unicode: an escaped half of a surrogate pair is JSON, but no text.</summary>
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw new GigsException(GigsError.Malformed("The body has a string that is not valid Unicode."));
        }
    }

    [GeneratedRegex(@"^([0-9]{19}[Ff]?|[0-9]{20})\z")]
    private static partial Regex IccidPattern();
}
