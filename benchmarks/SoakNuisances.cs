using System.Net.Sockets;
using System.Text;

namespace Simkeeper.Bench;

/// <summary>Callers that nobody wants, beside the load and not counted in it.</summary>
internal static class SoakNuisances
{
    private const int Guessers = 8;
    private const int HangingOfEach = 10;

    /// <summary>Then a hanging connection is closed, if the server has not done so, and opened anew.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    /// <summary>Starts them; they go on until the process ends.</summary>
    public static void Start(SoakPlan plan)
    {
        var guesser = new SoakCaller(plan.Url, "127.0.2.1");
        for (var i = 0; i < Guessers; i++)
            _ = GuessAsync(guesser.Client, plan.Orgs[0].Project);
        var key = plan.Orgs[0].Basic;
        var head = $"Host: 127.0.0.1\r\nAuthorization: {key}\r\n";
        string[] beginnings =
        [
            "",
            "GET /v1/Sims HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthoriz",
            $"POST /v1/Commands HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nSim=DE",
            // Nobody reads the answer.
            $"GET /v1/Sims?PageSize=1000 HTTP/1.1\r\n{head}\r\n",
        ];
        foreach (var beginning in beginnings)
        {
            for (var i = 0; i < HangingOfEach; i++)
                _ = HangAsync(new Uri(plan.Url).Port, beginning);
        }
    }

    /// <summary>Logs in with ever new keys.</summary>
    private static async Task GuessAsync(HttpClient client, string project)
    {
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"/projects/{project}/sims");
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer gpk_{Guid.NewGuid():N}");
                using var answer = await client.SendAsync(request);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(BetweenTries);
            }
        }
    }

    /// <summary>Begins a request and takes nothing of the answer.</summary>
    private static async Task HangAsync(int port, string beginning)
    {
        while (true)
        {
            using var stop = new CancellationTokenSource(Longest);
            try
            {
                using var socket = await SoakCaller.ConnectAsync("127.0.2.2", port, stop.Token);
                await socket.SendAsync(Encoding.ASCII.GetBytes(beginning), stop.Token);
                await Task.Delay(Longest, stop.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                await Task.Delay(BetweenTries);
            }
        }
    }
}
