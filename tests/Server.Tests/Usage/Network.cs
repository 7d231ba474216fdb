using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Usage;

/// <summary>A report as a network sends it.</summary>
internal sealed record Report(
    string Sim, string Session, DateTimeOffset Start, DateTimeOffset At, long UploadedBytes, long DownloadedBytes,
    DateTimeOffset? End = null, string? Mcc = null, string? Mnc = null, string? Radio = null, string? Imei = null);

/// <summary>Acts as a network, and reads what users see of it.</summary>
internal static class Network
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>An IMSI of the home network 262 01 (Germany), as a column of an import.</summary>
    public static (string Column, string Value) GermanImsi => ("imsi", $"26201{Fleet.Number():D10}");

    public static Task<string> GermanSimAsync(this TestServer server, string account = TestServer.MasterSid) =>
        server.SimAsync(account: account, more: GermanImsi);

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Sends a batch of which all is taken.</summary>
    public static async Task ReportAsync(this TestServer server, params Report[] reports)
    {
        var answer = (await server.Operator.JsonAsync("/operator/v1/usage", JsonSerializer.Serialize(reports, Json))).Is(200);
        Assert.Equal($$"""{"taken":{{reports.Length}},"refused":[]}""", answer.Text);
    }

    /// <summary>Tells whether a carrier blocks the SIM's data.</summary>
    public static async Task<bool> DataBlockedAsync(this TestServer server, string sim) =>
        (await server.Operator.FetchAsync($"/operator/v1/sims/{sim}")).Is(200).Json.GetProperty("dataBlocked").GetBoolean();

    /// <summary>All usage records of a list, newest first, over as many pages as it takes.</summary>
    public static async Task<List<JsonElement>> UsageAsync(this HttpClient kore, string? sim, string query = "")
    {
        var list = sim is null ? "/v1/UsageRecords" : $"/v1/Sims/{sim}/UsageRecords";
        var records = new List<JsonElement>();
        for (string? url = $"{list}?{query}"; url is not null;)
        {
            var page = (await kore.FetchAsync(url)).Is(200).Json;
            records.AddRange(page.GetProperty("usage_records").EnumerateArray());
            url = page.GetProperty("meta").GetProperty("next_page_url").GetString();
        }
        return records;
    }

    /// <summary>The data of a record in short: <c>up+down</c>, at home, nationally, and abroad by country.</summary>
    public static string Data(this JsonElement record)
    {
        var data = record.GetProperty("data");
        static string Of(JsonElement part) => $"{part.GetProperty("upload")}+{part.GetProperty("download")}";
        var abroad = data.GetProperty("international_roaming").EnumerateArray()
            .Select(part => $" {part.GetProperty("country_code").GetString()} {Of(part)}");
        return $"{Of(data)} home {Of(data.GetProperty("home"))} national {Of(data.GetProperty("national_roaming"))}{string.Concat(abroad)}";
    }

    public static string Start(this JsonElement record) => record.GetProperty("period").GetProperty("start").GetString()!;

    public static string End(this JsonElement record) => record.GetProperty("period").GetProperty("end").GetString()!;
}
