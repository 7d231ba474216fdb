using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Server.Operator;

/// <summary>The sandbox's clock and faults. Outside a sandbox only the time can be read.</summary>
internal sealed class OperatorClock(
    SimClock clock, MoveClock move, Faults faults, CarrierList carriers, IdGenerator ids, HttpSettings settings, SandboxSettings sandbox)
{
    /// <summary>How long a move is waited for before the answer is that it goes on.</summary>
    public static readonly TimeSpan AnswerAfter = TimeSpan.FromSeconds(30);

    public Task GetAsync(HttpContext context, Caller caller, string[] path) => WriteAsync(context);

    public async Task AdvanceAsync(HttpContext context, Caller caller, string[] path)
    {
        RefuseOutsideSandbox();
        var body = await OperatorBody.ReadAsync(context.Request, settings, "by", "to");
        var (by, to) = (body.Text("by"), body.Time("to"));
        if (by is null == to is null)
            throw new ProblemException(Problem.Invalid("by", "Give by, a duration such as 72h, or to, a time."));
        var span = TimeSpan.Zero;
        if (by is not null && !Durations.TryParse(by, out span))
            throw new ProblemException(Problem.Invalid("by", "by is a duration such as 500ms, 30s, 15m, 72h or 90d."));
        if (span > MoveClock.OffsetMax)
            throw new ProblemException(Problem.Invalid("by", "The clock moves at most 100 years."));
        var started = await move.StartAsync(now => to ?? now + span);
        if (started.Error is { } error)
            throw new ProblemException(Problem.From(error));
        var (target, done) = started.Value;
        try
        {
            await done.WaitAsync(AnswerAfter, clock.Wall);
            await WriteAsync(context);
        }
        catch (TimeoutException)
        {
            await JsonAnswer.WriteAsync(context.Response, 202, (clock.Now, target), static (json, moving) =>
            {
                json.WriteStartObject();
                json.WriteString("now", JsonAnswer.Milliseconds(moving.Now));
                json.WriteString("target", JsonAnswer.Milliseconds(moving.target));
                json.WriteEndObject();
            });
        }
    }

    public async Task FreezeAsync(HttpContext context, Caller caller, string[] path)
    {
        RefuseOutsideSandbox();
        await move.FreezeAsync();
        await WriteAsync(context);
    }

    public async Task ResumeAsync(HttpContext context, Caller caller, string[] path)
    {
        RefuseOutsideSandbox();
        await move.ResumeAsync();
        await WriteAsync(context);
    }

    public async Task AddFaultAsync(HttpContext context, Caller caller, string[] path)
    {
        RefuseOutsideSandbox();
        var body = await OperatorBody.ReadAsync(context.Request, settings, "carrier", "kind", "for", "count", "code", "delay", "seed", "name");
        var carrier = body.Text("carrier") ?? "test";
        if (!carriers.Has(carrier))
            throw new ProblemException(Problem.Invalid("carrier", "carrier is the id of a carrier that the settings name, or test."));
        var word = body.OneOf("kind", "down", "slow", "refuse", "lost", "twice") ?? throw new ProblemException(Problem.Missing("kind"));
        var kind = Enum.Parse<FaultKind>(word, ignoreCase: true);
        var delay = body.Duration("delay");
        if (kind == FaultKind.Slow && delay is null)
            throw new ProblemException(Problem.Missing("delay"));
        if (body.Text("name") is { Length: > 64 })
            throw new ProblemException(Problem.Invalid("name", "name has at most 64 characters."));
        var fault = new Fault(ids.Next(), body.Text("name"), carrier, kind, clock.Now + body.Duration("for"),
            body.Number("count", 1, int.MaxValue), body.Number("code", 1, 999_999), delay, body.Number("seed", 0, int.MaxValue));
        if (!await faults.AddAsync(fault))
            throw new ProblemException(new Problem(409, "stateForbids", "The state forbids it", $"There are {Faults.Max} faults. Clear them first."));
        await JsonAnswer.WriteAsync(context.Response, 201, fault, Write);
    }

    public Task ListFaultsAsync(HttpContext context, Caller caller, string[] path)
    {
        RefuseOutsideSandbox();
        _ = new OperatorQuery(context.Request);
        return JsonAnswer.WriteAsync(context.Response, 200, faults.All, static (json, all) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var fault in all)
                Write(json, fault);
            json.WriteEndArray();
            json.WriteNull("next");
            json.WriteEndObject();
        });
    }

    public async Task ClearFaultsAsync(HttpContext context, Caller caller, string[] path)
    {
        RefuseOutsideSandbox();
        await faults.ClearAsync();
        context.Response.StatusCode = 204;
    }

    private void RefuseOutsideSandbox()
    {
        if (!sandbox.Enabled)
        {
            throw new ProblemException(new Problem(409, "stateForbids", "The state forbids it",
                "Only a sandbox has a clock that moves and faults. Start one with --sandbox."));
        }
    }

    private Task WriteAsync(HttpContext context) => JsonAnswer.WriteAsync(context.Response, 200, clock, static (json, clock) =>
    {
        json.WriteStartObject();
        json.WriteString("now", JsonAnswer.Milliseconds(clock.Now));
        json.WriteString("offset", Durations.Write(clock.Offset));
        json.WriteBoolean("frozen", clock.Frozen);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Fault fault)
    {
        json.WriteStartObject();
        json.WriteString("id", Ids.ToBase62("flt", fault.Id));
        json.WriteString("name", fault.Name);
        json.WriteString("carrier", fault.Carrier);
        json.WriteString("kind", fault.Kind.ToString().ToLowerInvariant());
        json.WriteString("until", fault.Until is { } until ? JsonAnswer.Milliseconds(until) : null);
        Number(json, "count", fault.Count);
        Number(json, "code", fault.Code);
        json.WriteString("delay", fault.Delay is { } delay ? Durations.Write(delay) : null);
        Number(json, "seed", fault.Seed);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
