using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Fuzz;

/// <summary>Sends generated requests, one after the other, and looks after each at what may never happen.</summary>
internal static class Fuzzing
{
    /// <summary>Set it to the seed that a failure printed, to see the failure again.</summary>
    public const string SeedVariable = "SIMKEEPER_FUZZ_SEED";

    private const int Size = 30;

    /// <summary>
    /// The requests after one that is whole and whose client hung up in which its own change may still appear: nobody waits for it.
    /// </summary>
    private const int LateWithin = 5;

    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);

    /// <summary>Statuses with which the web server itself refuses, without a body, before a request reaches an API.</summary>
    private static readonly int[] MalformedHttp = [400, 405, 408, 411, 413, 414, 417, 431, 501, 505];

    /// <summary>A server whose SIMs change by requests only: its carrier waits for a person.</summary>
    public static Task<TestServer> StartAsync() =>
        TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:test:Kind"] = "manual" });

    /// <param name="isError">Whether a body is an error in the shape of the dialect, with the status that came.</param>
    public static async Task RunAsync(TestServer server, Gen<OddRequest> requests, int count, Func<JsonElement, int, bool> isError)
    {
        var stop = TestContext.Current.CancellationToken;
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given
            ? ulong.Parse(given, CultureInfo.InvariantCulture)
            : (ulong)Random.Shared.NextInt64();
        TestContext.Current.TestOutputHelper?.WriteLine($"{SeedVariable}={seed}");
        var statuses = new SortedDictionary<int, int>();
        var before = await SimsAsync(server);
        var (number, unanswered) = (0, -LateWithin);
        foreach (var request in requests.Sample(count, new Rnd(seed), Size))
        {
            RawAnswer answer;
            try
            {
                answer = await RawHttp.SendAsync(server.Url, request, AtMost, stop);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                throw Failed("no answer in time", "");
            }
            statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
            var after = await SimsAsync(server);
            if (Fault(request, answer, isError) is { } fault)
                throw Failed(fault, answer.Body);
            if (answer.Status == 0 && !request.IsCut)
                unanswered = number;
            if ((answer.Status >= 400 || request.IsCut) && after != before && number - unanswered > LateWithin)
                throw Failed($"refused with {answer.Status}, yet a SIM has changed", answer.Body);
            (before, number) = (after, number + 1);

            Exception Failed(string what, string body) =>
                new Xunit.Sdk.XunitException($"{what}\n{SeedVariable}={seed}, request {number}:\n{request}\n\nanswer:\n{body}\n"
                    + string.Join('\n', server.Log.Lines.TakeLast(2)));
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", statuses.Select(status => $"{status.Key}: {status.Value}")));
        // Generators that only ever knock at the door prove nothing.
        Assert.True(statuses.GetValueOrDefault(200) > count / 50 && statuses.Count > 4, "Too few requests got through.");
        Assert.True(number == count);
    }

    private static string? Fault(OddRequest request, RawAnswer answer, Func<JsonElement, int, bool> isError)
    {
        if (answer.After > AtMost)
            return $"took {answer.After}";
        if (answer.Status == 0)
            return request.EndsEarly ? null : "no answer";
        if (answer.Status < 400)
            return null;
        if (answer.Status >= 500 && !MalformedHttp.Contains(answer.Status))
            return $"{answer.Status}";
        var bodyOfHead = answer.Body.Length == 0 && !answer.Head.Contains("content-length: 0", StringComparison.Ordinal);
        if (bodyOfHead || (answer.Body.Length == 0 && MalformedHttp.Contains(answer.Status)))
            return null;
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            return isError(document.RootElement, answer.Status) || IsUnknownPath(document.RootElement) ? null : "an error in another shape";
        }
        catch (JsonException)
        {
            return "an error that is no JSON";
        }
    }

    /// <summary>Checks that a path under no API gets problem details.</summary>
    private static bool IsUnknownPath(JsonElement error) =>
        error.TryGetProperty("detail", out var detail) && detail.GetString() == "This path does not exist.";

    /// <summary>Every SIM with its version, as an operator sees it.</summary>
    private static async Task<string> SimsAsync(TestServer server) =>
        (await server.Operator.FetchAsync("/operator/v1/sims?limit=500")).Is(200).Text;
}
