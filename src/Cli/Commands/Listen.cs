using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Dialects.Gigs;

namespace Simkeeper.Cli.Commands;

/// <summary>Shows callbacks and webhooks as they are made, and sends each to the developer's own port as the server would.</summary>
[Speaks("GET", "/stream")]
internal sealed class Listen : Command
{
    private const string CallbackKind = "callback";

    /// <summary>
    /// Deliveries that were shown. After a break the server may tell some of the last seconds twice, and these recognise them.
    /// </summary>
    private const int ShownMax = 10_000;

    /// <summary>The server sends something every 15 seconds; after this long without anything it is gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);
    private readonly Option<string> _account = SharedOptions.Account("Only deliveries of this account; without it every account's.");

    private readonly Option<string> _forwardTo =
        new Option<string>("--forward-to") { Description = "Send each to this URL too.", HelpName = "URL" }
            .Check(
                text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https",
                "must be a URL such as http://localhost:3000/hook.");

    private readonly Option<string> _events =
        new Option<string>("--events")
        {
            Description = "Only these, with commas between them: callback, or event types such as com.gigs.sim.updated and com.gigs.sim.*.",
            HelpName = "E,…",
        }.Check(
            text => text.Split(',').All(part => part == CallbackKind || GigsEvents.IsPattern(part)),
            $"takes {CallbackKind}, *, com.gigs.sim.*, com.gigs.eSimProfile.* and types of events such as {GigsEvents.SimUpdated}.");

    public Listen() : base("listen", "Show callbacks and webhooks live, and send them to your own port.")
    {
        Add(_account);
        Add(_forwardTo);
        Add(_events);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        using var forward = parsed.GetValue(_forwardTo) is { } url ? new Forward(url) : null;
        var wanted = parsed.GetValue(_events)?.Split(',');
        var path = parsed.GetValue(_account) is { } account ? $"stream?account={account}" : "stream";
        string? first = null, last = null;
        var shown = new Recent<string>(ShownMax);
        var away = new Away();
        while (true)
        {
            try
            {
                await foreach (var item in ReadAsync(api, path, last, away, cancellation))
                {
                    last = item.EventId ?? last;
                    first ??= last;
                    if (item.EventType == "delivery" && IsKnown(item))
                        continue;
                    await ShowAsync(item, wanted, output, forward, cancellation);
                }
                away.Begin("The server ended the connection.");
            }
            catch (CommandException failed) when (last is not null && !failed.IsAnswer)
            {
                away.Begin(failed.Message);
            }
            await Task.Delay(ReconnectAfter, TimeProvider.System, cancellation);
        }

        // It was shown already, or existed before this command started.
        bool IsKnown(SseItem<string> item)
        {
            using var delivery = JsonDocument.Parse(item.Data);
            var id = Text(delivery.RootElement, "id")!;
            return string.CompareOrdinal(id, first) <= 0 || !shown.Add(id);
        }
    }

    private static async IAsyncEnumerable<SseItem<string>> ReadAsync(
        ApiClient api, string path, string? last, Away away, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await api.ListenAsync(path, last, cancellation);
        if (last is null)
            Output.Message("Listening; Ctrl-C ends it.");
        away.Back();
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        await using var items = SseParser.Create(stream).EnumerateAsync(silence.Token).GetAsyncEnumerator(silence.Token);
        while (true)
        {
            silence.CancelAfter(Silence);
            try
            {
                if (!await items.MoveNextAsync())
                    yield break;
            }
            catch (Exception e)
                when (e is IOException or HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new CommandException("The connection to the server was lost.", cause: e);
            }
            yield return items.Current;
        }
    }

    private static async Task ShowAsync(
        SseItem<string> item, string[]? wanted, Output output, Forward? forward, CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(item.Data);
        var told = document.RootElement;
        if (item.EventType is not ("attempt" or "delivery"))
            return;
        var type = Text(told, "event") ?? CallbackKind;
        if (wanted is not null && !wanted.Contains(type) && (type == CallbackKind || !GigsEvents.Selects(wanted, type)))
            return;
        if (item.EventType == "attempt")
        {
            ShowAttempt(told, output);
            return;
        }
        output.Line(
            $"{Text(told, "createdAt")}  {Text(told, "id")}  {type}  {Text(told, "method")} {Text(told, "url")}",
            json => Write(json, "delivery", told));
        if (forward is null)
            return;
        var answer = await forward.SendAsync(told, cancellation);
        output.Line(
            $"  {forward.Url} answered {answer.Status?.ToString() ?? answer.Error} in {answer.LatencyMs} ms  {answer.Text}".TrimEnd(),
            json => WriteAnswer(json, told, forward.Url, answer));
    }

    private static void ShowAttempt(JsonElement told, Output output)
    {
        var status = told.GetProperty("status");
        var outcome = status.ValueKind == JsonValueKind.Number ? $"answered {status.GetRawText()}" : Text(told, "error");
        output.Line(
            $"  {Text(told, "delivery")}  attempt {told.GetProperty("number").GetRawText()}: {outcome}"
            + $" after {told.GetProperty("latencyMs").GetRawText()} ms, {Text(told, "state")}",
            json => Write(json, "attempt", told));
    }

    private static void Write(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WriteStartObject();
        json.WritePropertyName(name);
        value.WriteTo(json);
        json.WriteEndObject();
    }

    private static void WriteAnswer(Utf8JsonWriter json, JsonElement told, string url, ForwardAnswer answer)
    {
        json.WriteStartObject();
        json.WriteStartObject("forwarded");
        json.WriteString("delivery", Text(told, "id"));
        json.WriteString("url", url);
        if (answer.Status is { } status)
            json.WriteNumber("status", status);
        else
            json.WriteNull("status");
        json.WriteNumber("latencyMs", answer.LatencyMs);
        json.WriteString("answer", answer.Text);
        json.WriteString("error", answer.Error);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string? Text(JsonElement told, string name) => told.GetProperty(name).GetString();
}
