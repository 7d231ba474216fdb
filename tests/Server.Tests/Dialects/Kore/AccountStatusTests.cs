using System.Net;
using System.Text;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

/// <summary>docs/accounts.md says what an account's status does; each cell of its table is looked at here.</summary>
public sealed class AccountStatusTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private static readonly string[] Statuses = ["active", "suspended", "closed"];

    private static readonly Dictionary<string, Func<Family, string, Task<string>>> Looks = new()
    {
        ["a request with its auth token"] = async (family, status) =>
        {
            (await family.Sub.Kore.FetchAsync("/v1/Sims")).Is(200);
            await family.BecomeAsync(status);
            return Kore(await family.Sub.Kore.FetchAsync("/v1/Sims"));
        },
        ["a request with one of its keys `SK…`"] = async (family, status) =>
        {
            var (id, secret) = await family.KeyAsync("kore");
            var key = family.Server.Basic(id, secret);
            (await key.FetchAsync("/v1/Sims")).Is(200);
            await family.BecomeAsync(status);
            return Kore(await key.FetchAsync("/v1/Sims"));
        },
        ["a request with one of its Gigs keys"] = async (family, status) =>
        {
            var (_, secret) = await family.KeyAsync("gigs");
            var key = family.Server.Bearer(secret);
            (await key.FetchAsync($"/projects/{family.Sub.Project}/sims")).Is(200);
            await family.BecomeAsync(status);
            return Named(await key.FetchAsync($"/projects/{family.Sub.Project}/sims"), "type");
        },
        ["its OAuth2 client asks for a token"] = async (family, status) =>
        {
            var (id, secret) = await family.KeyAsync("client");
            await family.BecomeAsync(status);
            return Named(await family.TokenAsync(id, secret), "error");
        },
        ["a request with a token that its client has"] = async (family, status) =>
        {
            var (id, secret) = await family.KeyAsync("client");
            var bearer = family.Server.Bearer((await family.TokenAsync(id, secret)).Is(200)["access_token"]!);
            (await bearer.FetchAsync("/v1/Sims")).Is(200);
            await family.BecomeAsync(status);
            return Kore(await bearer.FetchAsync("/v1/Sims"));
        },
        ["its master reads one of its SIMs"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            await family.BecomeAsync(status);
            return Kore(await family.Master.Kore.FetchAsync(sim));
        },
        ["its master renames one of its SIMs"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            await family.BecomeAsync(status);
            return Kore(await family.Master.Kore.FormAsync(sim, ("FriendlyName", "renamed")));
        },
        ["its master changes a SIM's status"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            await family.BecomeAsync(status);
            return Kore(await family.Master.Kore.FormAsync(sim, ("Status", "deactivated")));
        },
        ["its master moves a `new` SIM out of it"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            await family.BecomeAsync(status);
            return Kore(await family.Master.Kore.FormAsync(sim, ("AccountSid", family.Master.Sid)));
        },
        ["its master moves a `new` SIM into it"] = async (family, status) =>
        {
            var sim = await family.SimAsync(family.Master);
            await family.BecomeAsync(status);
            return Kore(await family.Master.Kore.FormAsync(sim, ("AccountSid", family.Sub.Sid)));
        },
        ["a SIM that is active"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            await family.Server.ReachAsync(family.Master.Kore, Sid(sim), "active", Store.AddPlan(family.Server, family.Sub.Sid));
            if (NotClosed(await family.BecomeAsync(status)) is { } refused)
                return refused;
            return "stays " + (await family.Master.Kore.FetchAsync(sim))["status"];
        },
        ["an operation that is open"] = async (family, status) =>
        {
            await using var receiver = await Receiver.StartAsync();
            var sim = await family.SimAsync();
            (await family.Sub.Kore.FormAsync(sim, ("Status", "deactivated"), ("CallbackUrl", receiver.Url + "/end"))).Is(202);
            if (NotClosed(await family.BecomeAsync(status)) is { } refused)
                return refused;
            if (status == "active")
                return "stays " + (await family.Server.OperationAsync(Sid(sim)))["state"];
            var end = (await receiver.GotAsync(1))[0];
            Assert.Contains("SimStatus=new&ErrorCode=33201&ErrorMessage=", end.Body, StringComparison.Ordinal);
            Assert.Equal("new", (await family.Master.Kore.FetchAsync(sim))["status"]);
            return $"`{await family.OperationStateAsync(sim)}`; its callback has 33201";
        },
        ["an operation that its master opens afterwards"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            await family.BecomeAsync(status);
            var opened = await family.Master.Kore.FormAsync(sim, ("Status", "deactivated"));
            return opened.Status == 202 ? "stays " + (await family.Server.OperationAsync(Sid(sim)))["state"] : Kore(opened);
        },
        ["a Command to one of its SIMs, its own that is queued or one of its master's"] = async (family, status) =>
        {
            var sim = await family.ServedAsync();
            var queued = (await family.Sub.Kore.FormAsync("/v1/Commands", ("Sim", Sid(sim)), ("Command", "on"))).Is(201)["sid"];
            if (NotClosed(await family.BecomeAsync(status)) is { } refused)
                return refused;
            var afterwards = (await family.Master.Kore.FormAsync("/v1/Commands", ("Sim", Sid(sim)), ("Command", "on"))).Is(201)["sid"];
            foreach (var command in new[] { queued, afterwards })
            {
                await Calls.UntilAsync(
                    () => family.Master.Kore.FetchAsync($"/v1/Commands/{command}"), answer => answer["status"] is "delivered");
            }
            return "delivered";
        },
        ["a Command from one of its SIMs"] = async (family, status) =>
        {
            await using var receiver = await Receiver.StartAsync();
            var sim = await family.ServedAsync();
            (await family.Sub.Kore.FormAsync(sim, ("CommandsCallbackUrl", receiver.Url))).Is(200);
            if (NotClosed(await family.BecomeAsync(status)) is { } refused)
                return refused;
            var command = await family.Server.SpeakAsync(Sid(sim));
            Assert.Contains(command, (await receiver.GotAsync(1))[0].Body, StringComparison.Ordinal);
            return (await family.Master.Kore.FetchAsync($"/v1/Commands/{command}")).Is(200)["status"] + ", called back";
        },
        ["a callback that waits for its receiver"] = async (family, status) =>
        {
            var closed = true;
            await using var receiver = await Receiver.StartAsync((_, context) =>
            {
                context.Response.StatusCode = Volatile.Read(ref closed) ? 503 : 200;
                return Task.CompletedTask;
            });
            var sim = await family.SimAsync();
            (await family.Sub.Kore.FormAsync(sim, ("FriendlyName", "x"), ("CallbackUrl", receiver.Url + "/wait"))).Is(200);
            await receiver.GotAsync(1);
            await family.BecomeAsync(status);
            Volatile.Write(ref closed, false);
            (await family.Server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"10m"}""")).Is(200);
            await Calls.UntilAsync(
                () => Task.FromResult(Store.Rows(family.Server, "select state from deliveries where sim_id = $sim", Sid(sim))[0]),
                state => state != "pending");
            return Store.Rows(family.Server, "select state from deliveries where sim_id = $sim", Sid(sim))[0];
        },
        ["a webhook endpoint"] = async (family, status) =>
        {
            const string endpoints = "/operator/v1/webhook-endpoints";
            var id = (await family.Server.Operator.JsonAsync(endpoints,
                $$"""{"account":"{{family.Sub.Sid}}","url":"https://example.com/","events":["*"]}""")).Is(201)["id"];
            await family.BecomeAsync(status);
            return (await family.Server.Operator.FetchAsync($"{endpoints}/{id}")).Is(200)["state"]!;
        },
        ["an operator imports SIMs into it"] = async (family, status) =>
        {
            await family.BecomeAsync(status);
            using var file = new StringContent($"iccid,provider\n{Fleet.Iccid()},lab\n", Encoding.UTF8, "text/csv");
            return Named(await family.Server.Operator.CallAsync(
                HttpMethod.Post, $"/operator/v1/accounts/{family.Sub.Sid}/sims/import?format=csv", file), "code");
        },
        ["an operator changes the status of one of its SIMs"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            await family.BecomeAsync(status);
            return Named(await family.Server.Operator.CallAsync("POST", $"/operator/v1/sims/{Sid(sim)}/deactivate"), "code");
        },
        ["a change of a SIM's status that was on its way"] = async (family, status) =>
        {
            var sim = await family.SimAsync();
            using var content = new LateContent("Status=deactivated");
            using var request = new HttpRequestMessage(HttpMethod.Post, sim) { Content = content };
            request.Headers.ExpectContinue = true;
            var sending = family.Sub.Kore.SendAsync(request, TestContext.Current.CancellationToken);
            await content.Asked;
            await family.BecomeAsync(status);
            content.Go();
            using var response = await sending;
            return Kore(await Answer.ReadAsync(response));
        },
        ["an operator makes a key for it"] = async (family, status) =>
        {
            await family.BecomeAsync(status);
            return Named(await family.Server.Operator.JsonAsync($"/operator/v1/accounts/{family.Sub.Sid}/keys", """{"kind":"gigs"}"""),
                "code");
        },
        ["`Status=active`"] = ThenAsync("active"),
        ["`Status=suspended`"] = ThenAsync("suspended"),
        ["`Status=closed`"] = ThenAsync("closed"),
    };

    public static TheoryData<string, string, string> Cells { get; } = Read();

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Each_cell_of_the_table_is_so(string what, string status, string written)
    {
        Assert.True(Looks.ContainsKey(what), $"Nobody looks at the line: {what}");
        Assert.Equal(written, await Looks[what](await Family.MakeAsync(sandbox.Server), status));
    }

    [Fact]
    public void Every_line_is_in_the_table() =>
        Assert.Equal(Looks.Keys.Order(), Cells.Select(cell => cell.Data.Item1).Distinct().Order());

    [Theory]
    [InlineData("suspended")]
    [InlineData("closed")]
    public async Task A_master_can_be_neither_suspended_nor_closed(string status)
    {
        var family = await Family.MakeAsync(sandbox.Server);
        Assert.Equal("409, 20409",
            Kore(await family.Master.Kore.FormAsync($"/2010-04-01/Accounts/{family.Master.Sid}.json", ("Status", status))));
        (await family.Master.Kore.FetchAsync("/v1/Sims")).Is(200);
    }

    [Fact]
    public async Task An_account_that_is_active_again_has_all_it_had()
    {
        var family = await Family.MakeAsync(sandbox.Server);
        var sim = await family.SimAsync();
        (await family.Sub.Kore.FormAsync(sim, ("Status", "deactivated"))).Is(202);
        await family.BecomeAsync("suspended");
        (await family.Sub.Kore.FetchAsync(sim)).Is(403);

        await family.BecomeAsync("active");

        await Calls.UntilAsync(() => family.Sub.Kore.FetchAsync(sim), answer => answer["status"] is "new");
        Assert.Equal("withdrawn", await family.OperationStateAsync(sim));
        Assert.Equal("active", (await family.Server.Operator.FetchAsync($"/operator/v1/accounts/{family.Sub.Sid}")).Is(200)["status"]);
        (await family.Sub.Kore.FormAsync(sim, ("Status", "deactivated"))).Is(202);
        await family.Server.EndAsync(Sid(sim));
    }

    private static Func<Family, string, Task<string>> ThenAsync(string then) => async (family, status) =>
    {
        await family.BecomeAsync(status);
        return Kore(await family.BecomeAsync(then));
    };

    private static string Sid(string path) => path["/v1/Sims/".Length..];

    private static string Kore(Answer answer) => answer.Status < 400 ? $"{answer.Status}" : $"{answer.Status}, {answer["code"]}";

    private static string Named(Answer answer, string member) =>
        answer.Status < 400 ? $"{answer.Status}" : $"{answer.Status}, `{answer[member]}`";

    private static string? NotClosed(Answer answer) => answer.Status < 400 ? null : Kore(answer) + ": not closed";

    private static TheoryData<string, string, string> Read()
    {
        var cells = new TheoryData<string, string, string>();
        var text = File.ReadAllText(Path.Combine(Peer.Repository, "docs", "accounts.md"));
        var table = text[text.IndexOf("| of the account |", StringComparison.Ordinal)..];
        foreach (var line in table.Split('\n').TakeWhile(line => line.StartsWith('|')).Skip(2))
        {
            var columns = line.Trim('|', ' ').Split(" | ");
            Assert.Equal(4, columns.Length);
            for (var i = 0; i < Statuses.Length; i++)
                cells.Add(columns[0], Statuses[i], columns[i + 1]);
        }
        return cells;
    }

    /// <summary>A form that the server has begun to read, and that ends when it is told to.</summary>
    private sealed class LateContent : HttpContent
    {
        private readonly byte[] _form;
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LateContent(string form)
        {
            _form = Encoding.ASCII.GetBytes(form);
            Headers.ContentType = new("application/x-www-form-urlencoded");
        }

        public Task Asked => _asked.Task;

        public void Go() => _go.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _asked.SetResult();
            await _go.Task;
            await stream.WriteAsync(_form);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _form.Length;
            return true;
        }
    }

    /// <summary>A master account and one subaccount, of which all is about.</summary>
    private sealed record Family(TestServer Server, OwnAccount Master, OwnAccount Sub)
    {
        public static async Task<Family> MakeAsync(TestServer server)
        {
            var (master, sub) = await server.FamilyAsync();
            return new Family(server, master, sub);
        }

        public Task<Answer> BecomeAsync(string status) =>
            Master.Kore.FormAsync($"/2010-04-01/Accounts/{Sub.Sid}.json", ("Status", status));

        /// <summary>The path of a new SIM of a carrier that waits for a person.</summary>
        public async Task<string> SimAsync(OwnAccount? owner = null) => "/v1/Sims/" + await Server.SimAsync("lab", (owner ?? Sub).Sid);

        /// <summary>The path of an active SIM of a carrier that answers by itself.</summary>
        public async Task<string> ServedAsync()
        {
            var sim = "/v1/Sims/" + await Server.SimAsync("test", Sub.Sid);
            var plan = Store.AddPlan(Server, Sub.Sid);
            (await Sub.Kore.FormAsync(sim, ("Status", "active"), ("RatePlan", plan))).Is(202);
            await Calls.UntilAsync(() => Sub.Kore.FetchAsync(sim), answer => answer["status"] is "active");
            return sim;
        }

        public Task<(string Id, string Secret)> KeyAsync(string kind) => Server.KeyAsync(kind, account: Sub.Sid);

        public Task<Answer> TokenAsync(string id, string secret) => Server.Anonymous.FormAsync("/api-services/v1/auth/token",
            ("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret));

        public async Task<string?> OperationStateAsync(string sim) =>
            (await Server.Operator.FetchAsync($"/operator/v1/operations?sim={Sid(sim)}&limit=1")).Is(200)
                .Items[0].GetProperty("state").GetString();
    }
}
