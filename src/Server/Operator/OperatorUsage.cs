using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Simkeeper.Core;
using Simkeeper.Core.Numbers;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server.Operator;

/// <summary>
/// Usage as a network reports it, in batches. Each entry stands for itself: what is valid is taken, what is not is named, for a feed
/// that repeats a batch because of one bad entry would never get on. A wrong field that says nothing about the counters is left out and named.
/// </summary>
internal sealed class OperatorUsage(TakeUsage usage, UsageSettings limits)
{
    private const int DepthMax = 4;

    private static readonly string[] Names = ["sim", "iccid", "imsi"];

    private static readonly string[] Known =
    [
        .. Names, "session", "start", "at", "uploadedBytes", "downloadedBytes", "end", "mcc", "mnc", "radio", "imei",
    ];

    public async Task TakeAsync(HttpContext context, Caller caller, string[] path)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limits.BytesMax;
        var (reports, refused, dropped) = Read(await context.Request.BodyAsync(limits.BytesMax));
        var result = await usage.RunAsync(reports);
        var taken = reports.Count - result.Refused.Count;
        refused.AddRange(result.Refused);
        refused.Sort((a, b) => a.Index.CompareTo(b.Index));
        dropped.AddRange(result.Dropped);
        var notTaken = refused.Select(entry => entry.Index).ToHashSet();
        dropped.RemoveAll(entry => notTaken.Contains(entry.Index));
        dropped.Sort((a, b) => (a.Index, a.Error.Field).CompareTo((b.Index, b.Error.Field)));
        await JsonAnswer.WriteAsync(context.Response, 200, (taken, refused, dropped), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteNumber("taken", answer.taken);
            Write(json, "refused", answer.refused);
            Write(json, "dropped", answer.dropped);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, string name, List<(int Index, Error Error)> entries)
    {
        json.WriteStartArray(name);
        foreach (var (index, error) in entries)
        {
            json.WriteStartObject();
            json.WriteNumber("index", index);
            json.WriteString("field", error.Field);
            json.WriteString("reason", error.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static (List<NamedReport> Reports, List<(int Index, Error Error)> Refused, List<(int Index, Error Error)> Dropped) Read(byte[] body)
    {
        try
        {
            using var document = Requests.Json(body, DepthMax);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw new ProblemException(new Problem(400, "malformed", "Malformed", "The body must be a JSON array of reports."));
            if (document.RootElement.GetArrayLength() > TakeUsage.ReportsMax)
            {
                throw new ProblemException(new Problem(
                    413, "bodyTooLarge", "Body too large", $"A batch has at most {TakeUsage.ReportsMax} reports. Send several."));
            }
            var reports = new List<NamedReport>();
            var refused = new List<(int, Error)>();
            var dropped = new List<(int, Error)>();
            foreach (var (index, entry) in document.RootElement.EnumerateArray().Index())
            {
                var read = Read(index, entry, dropped);
                if (read.Error is { } error)
                    refused.Add((index, error));
                else
                    reports.Add(read.Value);
            }
            return (reports, refused, dropped);
        }
        catch (JsonException)
        {
            throw new ProblemException(new Problem(400, "malformed", "Malformed", "The body is not valid JSON."));
        }
    }

    private static Result<NamedReport> Read(int index, JsonElement entry, List<(int Index, Error Error)> dropped)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            return new Error(ErrorCode.InvalidValue, "A report is a JSON object.");
        foreach (var property in entry.EnumerateObject())
        {
            if (!Known.Contains(property.Name))
            {
                var name = Requests.Shown(property.Name);
                return new Error(ErrorCode.InvalidValue, $"Unknown property {name}. Leave it out.", name);
            }
        }
        var fields = new Fields(entry);
        var sim = Name(fields);
        var report = new UsageReport
        {
            Session = fields.Text("session") ?? fields.Missing("session", ""),
            Start = fields.Time("start") ?? fields.Missing<DateTimeOffset>("start"),
            At = fields.Time("at") ?? fields.Missing<DateTimeOffset>("at"),
            Uploaded = fields.Bytes("uploadedBytes") ?? fields.Missing<long>("uploadedBytes"),
            Downloaded = fields.Bytes("downloadedBytes") ?? fields.Missing<long>("downloadedBytes"),
            End = fields.Time("end"),
            Mcc = fields.TextOrDropped("mcc"),
            Mnc = fields.TextOrDropped("mnc"),
            Radio = fields.TextOrDropped("radio"),
            Imei = fields.TextOrDropped("imei"),
        };
        dropped.AddRange(fields.Dropped.Select(error => (index, error)));
        return fields.Error is { } error ? error : new NamedReport(index, sim, report);
    }

    private static SimName Name(Fields fields)
    {
        SimName[] given = [.. Names
            .Select(kind => new SimName(kind, fields.Text(kind) ?? "")).Where(name => name.Value.Length > 0)];
        if (given.Length != 1)
        {
            fields.Refuse(new Error(ErrorCode.InvalidValue, "Name the SIM by one of sim, iccid and imsi.", "sim"));
            return default;
        }
        var name = given[0];
        if (name.Kind == "iccid")
        {
            var iccid = Iccid.Parse(name.Value);
            return iccid.Error is { } wrong ? fields.Refuse(wrong) : name with { Value = iccid.Value.Value };
        }
        return name.Kind == "imsi" && Imsi.Parse(name.Value).Error is { } error ? fields.Refuse(error) : name;
    }

    /// <summary>The properties of one entry; of what refuses it, the first is kept.</summary>
    private sealed class Fields(JsonElement entry)
    {
        public Error? Error { get; private set; }

        /// <summary>Errors of the properties that are left out.</summary>
        public List<Error> Dropped { get; } = [];

        public string? Text(string name)
        {
            if (TryText(name, out var text) is not { } error)
                return text;
            Refuse(error);
            return "";
        }

        /// <summary>A property that the entry may lack: null too if it is no text.</summary>
        public string? TextOrDropped(string name)
        {
            if (TryText(name, out var text) is { } error)
                Dropped.Add(error);
            return text;
        }

        public DateTimeOffset? Time(string name)
        {
            if (Text(name) is not { } text)
                return null;
            // A time without a zone would be read in that of this machine.
            var hasZone = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text.Contains('T'));
            if (hasZone && entry.GetProperty(name).TryGetDateTimeOffset(out var time))
                return time.ToUniversalTime();
            Refuse(new Error(ErrorCode.InvalidValue, $"{name} is a time such as 2026-01-02T03:04:05Z.", name));
            return default(DateTimeOffset);
        }

        public long? Bytes(string name)
        {
            if (!entry.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return null;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
                return number;
            Refuse(new Error(ErrorCode.InvalidValue, $"{name} is a whole number from 0 to {UsageReport.BytesMax}.", name));
            return 0;
        }

        public T Missing<T>(string name, T instead = default!)
        {
            Refuse(new Error(ErrorCode.MissingValue, $"{name} is required.", name));
            return instead;
        }

        public SimName Refuse(Error error)
        {
            Error ??= error;
            return default;
        }

        private Error? TryText(string name, out string? text)
        {
            text = null;
            if (!entry.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return null;
            try
            {
                if (value.ValueKind == JsonValueKind.String)
                {
                    text = value.GetString();
                    return null;
                }
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair is no text either.
            }
            return new Error(ErrorCode.InvalidValue, $"{name} is a string.", name);
        }
    }
}
