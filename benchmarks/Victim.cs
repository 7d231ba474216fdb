using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Simkeeper.Bench;

/// <summary>Another org, which reads its one SIM while others attack.</summary>
internal sealed class Victim(HttpClient client) : IDisposable
{
    /// <summary>A read that takes longer is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Makes the org and its SIM.</summary>
    public static async Task<Victim> MakeAsync(ServerProcess server)
    {
        using var operators = new HttpClient { BaseAddress = new Uri(server.Url) };
        operators.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(ServerProcess.OperatorAuthorization);
        async Task<JsonElement> PostAsync(string path, string json)
        {
            using var content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
            using var answer = await operators.PostAsync(path, content);
            return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        }
        var made = await PostAsync("/operator/v1/accounts", """{"name":"Another","project":"another"}""");
        var account = made.GetProperty("sid").GetString();
        var key = await PostAsync($"/operator/v1/accounts/{account}/keys", """{"kind":"gigs","role":"write"}""");
        using var card = new StringContent("iccid,provider\n8988307777777777777,test\n", new MediaTypeHeaderValue("text/csv"));
        using var imported = await operators.PostAsync($"/operator/v1/accounts/{account}/sims/import", card);
        var sims = await operators.GetFromJsonAsync<JsonElement>($"/operator/v1/sims?account={account}");
        var sim = sims.GetProperty("items")[0].GetProperty("id").GetString();
        var client = new HttpClient { BaseAddress = new Uri($"{server.Url}/projects/another/sims/{sim}"), Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse($"Bearer {key.GetProperty("secret").GetString()}");
        return new Victim(client);
    }

    /// <summary>
    /// Reads at a steady rate, each read also while others are late. Gives the time in milliseconds that 99 of 100 stay under, and how many
    /// had no success: each of those is as bad as one that was waited for in vain.
    /// </summary>
    public async Task<(double NinetyNine, int Failed)> ReadAsync(TimeSpan time, int perSecond)
    {
        var reads = new Task<double?>[(int)(time.TotalSeconds * perSecond)];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < reads.Length; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            reads[i] = ReadAsync();
        }
        var times = await Task.WhenAll(reads);
        var sorted = times.Select(read => read ?? Patience.TotalMilliseconds).Order().ToList();
        return (sorted[sorted.Count * 99 / 100], times.Count(read => read is null));
    }

    public void Dispose() => client.Dispose();

    private async Task<double?> ReadAsync()
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await client.GetAsync("");
            await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
