using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>Secrets are planted wherever there is room for one, then everything is made to go wrong: none may come to light.</summary>
[SqliteOnly]
public sealed class CanaryTests
{
    private const string Secret = Canaries.Mark;
    private const string Accounts = "/operator/v1/accounts";
    private const string CardKeys = $"{Secret}KI,{Secret}OPC,{Secret}PIN,{Secret}PUK,{Secret}ADM,{Secret}CC";
    private readonly List<string> _made = [];

    [Fact]
    public async Task No_planted_secret_reaches_a_log_an_event_an_error_or_the_disk()
    {
        await using var receiver = await Receiver.StartAsync((_, context) => FailAsync(context));
        await using var server = await TestServer.StartAsync();
        var errors = new StringBuilder();
        await MakeSecretsAsync(server);
        errors.Append(await ImportAsync(server));
        await ChangeAsync(server, new Uri(receiver.Url), errors);
        await ProvokeAsync(server, errors);
        await server.RestartAsync();

        Check("errors", errors.ToString());
        Check("log", string.Join('\n', server.Log.Lines));
        var events = Read(server, "select * from events");
        Assert.Contains("sim.", events, StringComparison.Ordinal);
        Check("events", events);
        Check("webhooks", Read(server, "select body from deliveries where kind = 'webhook'"));
        Check("attempts", Read(server, "select * from attempts") + Read(server, "select last_error from operations"));
        CheckFiles(server.Data);
    }

    /// <summary>Every way to fail that a receiver has.</summary>
    private static async Task FailAsync(HttpContext context)
    {
        switch (context.Request.Query["c"].ToString())
        {
            case "refuse":
                context.Response.StatusCode = 500;
                break;
            case "redirect":
                context.Response.Redirect("/elsewhere");
                break;
            case "break-off":
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("beginning");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            default:
                context.Abort();
                break;
        }
    }

    /// <summary>An account with its token and one key of each kind.</summary>
    private async Task MakeSecretsAsync(TestServer server)
    {
        var account = (await server.Operator.JsonAsync(Accounts, """{"name":"Canary","project":"canary"}""")).Is(201);
        _made.Add(account["authToken"]!);
        foreach (var (path, json) in new[]
        {
            ($"{Accounts}/{account["sid"]}/keys", """{"kind":"gigs","role":"write"}"""),
            ($"{Accounts}/{account["sid"]}/keys", """{"kind":"kore","role":"write"}"""),
            ($"{Accounts}/{account["sid"]}/keys", """{"kind":"client","role":"write"}"""),
            ("/operator/v1/operator-keys", """{"role":"read"}"""),
            ("/operator/v1/webhook-endpoints", $$"""{"account":"{{TestServer.MasterSid}}","url":"http://127.0.0.1:1/"}"""),
        })
            _made.Add((await server.Operator.JsonAsync(path, json)).Is(201)["secret"]!);
        Assert.Equal(6, _made.Distinct().Count());
    }

    /// <summary>Matching ids and card keys, in rows that are taken and in rows that are refused for every reason.</summary>
    private static async Task<string> ImportAsync(TestServer server)
    {
        const string file = $"""
            iccid,imsi,type,provider,smdp_address,matching_id,confirmation_code_required,KI,OPC,PIN1,PUK1,ADM1,confirmation_code
            8942420000000009001,001017000000001,eSIM,test,smdp.example.com,{Secret}-0001,true,{CardKeys}
            8942420000000009002,001017000000002,eSIM,test,smdp.example.com,{Secret}-0002,,{CardKeys}
            8942420000000009001,001017000000001,eSIM,test,smdp.example.com,{Secret}-0003,true,,,,,,
            8942420000000009003,001017000000001,eSIM,test,smdp.example.com,{Secret}-0004,,,,,,,
            8942420000000009004,,pSIM,test,smdp.example.com,{Secret}-0005,,,,,,,
            8942420000000009005,,,test,,{Secret}-0006,,,,,,,
            8942420000000009006,,eSIM,test,smdp.example.com,{Secret}_$_0007,,,,,,,
            8942420000000009007,,eSIM,test,not an address,{Secret}-0008,,,,,,,
            8942420000000009008,,eSIM,test,smdp.example.com,{Secret}-0009,{Secret}CC,,,,,,
            8942420000000009009,,eSIM,test,smdp.example.com,{Secret}-0010,{Secret}KI
            wrong,,eSIM,test,smdp.example.com,{Secret}-0011,,,,,,,
            8942420000000009010,{Secret},eSIM,test,smdp.example.com,{Secret}-0012,,,,,,,
            """;
        var answers = new StringBuilder();
        foreach (var (text, type) in new[] { (file, "text/csv"), (file, "text/csv"), (file, "text/plain"), ($"{Secret},{Secret}\n{Secret}",
            "text/csv") })
        {
            var answer = await server.Operator.CallAsync(
                HttpMethod.Post, $"{Accounts}/{TestServer.MasterSid}/sims/import", new StringContent(text, Encoding.UTF8, type));
            answers.Append(answer.Text);
        }
        Assert.Contains("\"imported\":2,\"present\":0", answers.ToString(), StringComparison.Ordinal);
        return answers.ToString();
    }

    /// <summary>Callbacks with credentials and tokens in their URLs, to receivers that fail, until each has been tried.</summary>
    private static async Task ChangeAsync(TestServer server, Uri receiver, StringBuilder errors)
    {
        var sims = (await server.Kore.FetchAsync("/v1/Sims")).Is(200).Json.GetProperty("sims").EnumerateArray()
            .Select(sim => sim.GetProperty("sid").GetString()).ToList();
        var secretly = $"http://{Secret}user:{Secret}password@127.0.0.1";
        string[] urls =
        [
            $"{secretly}:{receiver.Port}/?token={Secret}&c=refuse", $"{secretly}:{receiver.Port}/?token={Secret}&c=redirect",
                $"{secretly}:{receiver.Port}/?token={Secret}&c=break-off",
            $"{secretly}:{receiver.Port}/?token={Secret}&c=abort", $"{secretly}:1/?token={Secret}",
                $"http://{Secret}.invalid/?token={Secret}",
        ];
        for (var i = 0; i < urls.Length; i++)
        {
            await UpdateAsync(sims[i]!, ("Status", "active"), ("RatePlan", "sandbox-plan"), ("CallbackUrl", urls[i]),
                ("CallbackMethod", i % 2 == 0 ? "POST" : "GET"));
            await UpdateAsync(sims[i]!, ("Status", "canceled"), ("CallbackUrl", urls[i]));
            await UpdateAsync(sims[i]!, ("CallbackUrl", $"ftp://{Secret}:{Secret}@x/?{Secret}"));
        }
        const string tried = """
            select count(*) from deliveries d where kind = 'callback' and exists (select 1 from attempts a where a.delivery_id = d.id)
            """;
        await Calls.UntilAsync(() => Task.FromResult(Read(server, tried)), count => count == $"{urls.Length}\n");

        async Task UpdateAsync(string sid, params (string, string)[] form) =>
            errors.Append((await server.Kore.FormAsync($"/v1/Sims/{sid}", form)).Text);
    }

    /// <summary>Wrong credentials and bodies that carry secrets where none belongs.</summary>
    private async Task ProvokeAsync(TestServer server, StringBuilder errors)
    {
        var sim = (await server.Gigs.FetchAsync("/projects/sandbox/sims?type=eSIM")).Is(200).Each("id")[0];
        var patch = $"/projects/sandbox/sims/{sim}";
        HttpClient[] strangers = [server.Bearer($"{Secret}-key"), server.Basic(TestServer.MasterSid, $"{Secret}-token"),
            .. _made.Select(server.Bearer)];
        foreach (var stranger in strangers)
        {
            foreach (var path in new[] { "/projects/sandbox/sims", "/v1/Sims", "/operator/v1/sims" })
            {
                var answer = await stranger.FetchAsync(path);
                if (answer.Status is < 200 or > 299)
                    Take(answer);
            }
        }
        foreach (var body in new[] { $$$"""{"metadata":{"k":["{{{Secret}}}"]}}""", $$"""{"metadata":"{{Secret}}"}""",
            $$"""{"matchingId":"{{Secret}}"}""", $"\"{Secret}\"", Secret })
        {
            Take(await server.Gigs.CallAsync(HttpMethod.Patch, patch, new StringContent(body)));
            Take(await server.Gigs.CallAsync(HttpMethod.Post, "/projects/sandbox/sims/search", new StringContent(body)));
            Take(await server.Operator.CallAsync(HttpMethod.Post, $"{Accounts}/{TestServer.MasterSid}/keys", new StringContent(body)));
        }
        Take(await server.Anonymous.FetchAsync($"/qrcode/{Secret}.png"));

        void Take(Answer answer)
        {
            Assert.InRange(answer.Status, 400, 499);
            errors.Append(answer.Headers).Append(answer.Text);
        }
    }

    private static string Read(TestServer server, string select)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(server.Data, "simkeeper.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = select;
        using var reader = command.ExecuteReader();
        var rows = new StringBuilder();
        while (reader.Read())
        {
            for (var i = 0; i < reader.FieldCount; i++)
                rows.Append(reader.GetValue(i) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : reader.GetValue(i));
            rows.Append('\n');
        }
        return rows.ToString();
    }

    private void Check(string where, string text)
    {
        Canaries.Check(where, text);
        Assert.DoesNotContain(_made, secret => text.Contains(secret, StringComparison.Ordinal));
    }

    /// <summary>Whoever has a copy of the folder without its key finds no matching id, no card key and no credential in it.</summary>
    private void CheckFiles(string folder)
    {
        string[] secrets = [.. _made, $"{Secret}-00", "SANDBOX-00", $"{Secret}KI", $"{Secret}OPC", $"{Secret}PIN", $"{Secret}PUK",
            $"{Secret}ADM", $"{Secret}CC", "sandbox-token", "gpk_sandbox", "skop_sandbox"];
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock",
            StringComparison.Ordinal)).ToList();
        Assert.Contains(files, file => file.EndsWith("simkeeper.db", StringComparison.Ordinal));
        foreach (var file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            var text = Encoding.Latin1.GetString(bytes.ToArray());
            Assert.All(secrets, secret => Assert.False(text.Contains(secret, StringComparison.Ordinal),
                $"{secret} is in {Path.GetFileName(file)}."));
        }
    }
}
