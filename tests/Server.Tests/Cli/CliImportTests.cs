using Microsoft.AspNetCore.Http;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

[StartsProgram]
public sealed class CliImportTests : IDisposable
{
    private const string Account = "AC00000000000000000000000000000001";
    private const string Target = $"accounts/{Account}/sims/import?format=csv";
    private const string Header = "iccid,type,provider\n";
    private const string Rows = Header + "8942420000000000015,eSIM,test\n";
    private const string Summary = """{"imported":1,"present":2,"refused":0}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("simkeeper-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_CSV_is_sent_as_it_is_and_the_summary_is_printed()
    {
        await using var server = await ServerAnswering($"{{\"progress\":3}}\n{Summary}\n");

        var result = await server.RunAsync("import", Write("cards.csv", Rows), "--account", Account);

        Assert.Equal((0, "imported  1\npresent   2\nrefused   0\n", ""), (result.ExitCode, result.Output, result.Error));
        var request = Assert.Single(server.Requests);
        Assert.Equal((Rows, "text/csv", "Bearer skop_sandbox"), (request.Body, request.ContentType, request.Authorization));
    }

    [Fact]
    public async Task The_summary_as_JSON_is_as_it_came_with_warnings()
    {
        var summary = """{"imported":1,"present":0,"refused":0,"warnings":["Line 2: check digit."]}""";
        await using var server = await ServerAnswering(summary + "\n");

        var result = await server.RunAsync("import", Write("cards.CSV", Rows), "--account", Account, "--json");

        Assert.Equal((0, summary + "\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task An_output_file_of_a_card_vendor_is_plain_text_and_the_provider_is_passed_on()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", $"accounts/{Account}/sims/import?format=out&provider=lab-hlr", 200, "application/x-ndjson", Summary + "\n");

        var result = await server.RunAsync("import", Write("batch.out", "*HEADER"), "--account", Account, "--provider", "lab-hlr");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(("*HEADER", "text/plain"), (server.Requests.Single().Body, server.Requests.Single().ContentType));
    }

    [Fact]
    public async Task Stdin_is_a_file_too()
    {
        await using var server = await ServerAnswering(Summary + "\n");

        var result = await server.RunWithInputAsync(Rows, "import", "-", "--format", "csv", "--account", Account);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Rows, Assert.Single(server.Requests).Body);
    }

    [Fact]
    public async Task A_large_file_arrives_whole()
    {
        await using var server = await ServerAnswering(Summary + "\n");
        var rows = Header + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"8942420000{i:000000000},eSIM,test\n"));

        var result = await server.RunAsync("import", Write("cards.csv", rows), "--account", Account);

        Assert.Equal(0, result.ExitCode);
        Assert.True(rows == server.Requests.Single().Body);
    }

    [Fact]
    public async Task Refused_rows_are_kept_as_streamed_the_first_twenty_are_told_and_the_exit_code_is_3()
    {
        var refusals = string.Concat(Enumerable.Range(2, 23).Select(line =>
            $$"""{"line":{{line}}, "iccid":null,"field":"imsi","reason":"Another SIM has this IMSI."}""" + "\n"));
        await using var server = await ServerAnswering(refusals + """{"imported":0,"present":0,"refused":23}""" + "\n");
        var rejects = Path.Combine(_folder.FullName, "rejects.ndjson");

        var result = await server.RunAsync("import", Write("cards.csv", Rows), "--account", Account, "--rejects", rejects);

        Assert.Equal(3, result.ExitCode);
        Assert.Equal(refusals, await File.ReadAllTextAsync(rejects, TestContext.Current.CancellationToken));
        // On a machine that is slow enough the progress is told too.
        var told = result.Error.TrimEnd().Split('\n').Where(line => !line.Contains(" MB sent", StringComparison.Ordinal)).ToArray();
        Assert.Equal(21, told.Length);
        Assert.Equal("Line 2, imsi: Another SIM has this IMSI.", told[0]);
        Assert.Equal("3 more refused.", told[20]);
    }

    [Fact]
    public async Task Rejects_of_an_earlier_run_are_replaced()
    {
        var refusal = """{"line":2,"iccid":null,"field":null,"reason":"No."}""" + "\n";
        await using var server = await ServerAnswering(refusal + """{"imported":0,"present":0,"refused":1}""" + "\n");
        var rejects = Write("rejects.ndjson", new string('x', 1000));

        await server.RunAsync("import", Write("cards.csv", Rows), "--account", Account, "--rejects", rejects);

        Assert.Equal(refusal, await File.ReadAllTextAsync(rejects, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_a_file_for_them_it_says_how_to_keep_refused_rows()
    {
        var refusals = string.Concat(Enumerable.Repeat("""{"line":2,"iccid":"8942","field":null,"reason":"No."}""" + "\n", 21));
        await using var server = await ServerAnswering(refusals + """{"imported":0,"present":0,"refused":21}""" + "\n");

        var result = await server.RunAsync("import", Write("cards.csv", Rows), "--account", Account);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("Line 2, ICCID 8942: No.\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("1 more refused; --rejects FILE keeps them all.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"progress\":1000}\n")]
    [InlineData("{\"progress\":1000}\n{\"imported\":12")]
    [InlineData("nonsense\n")]
    public async Task An_answer_without_its_summary_is_a_failure_that_is_safe_to_repeat(string answer)
    {
        await using var server = await ServerAnswering(answer);

        var result = await server.RunAsync("import", Write("cards.csv", Rows), "--account", Account);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("It is safe to run it again", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_answer_is_a_failure_that_is_safe_to_repeat()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", Target, async context =>
        {
            await server.ReadRequestAsync(context);
            await context.Response.WriteAsync("{\"progress\":1}\n");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        var result = await server.RunAsync("import", Write("cards.csv", Rows), "--account", Account);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("It is safe to run it again", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_file_is_a_failure_that_is_safe_to_repeat()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", Target, async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[10]);
            context.Abort();
        });

        var result = await server.RunAsync("import", Write("cards.csv", Header + new string('1', 4_000_000)), "--account", Account);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("It is safe to run it again", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_import_is_told_without_sending_the_file_and_leaves_earlier_rejects_alone()
    {
        await using var server = await RecordedServer.StartAsync();
        var bytesArrived = new TaskCompletionSource<long>();
        server.On("POST", Target, async context =>
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("""{"detail":"No account has this sid.","code":"notFound"}""");
            await context.Response.CompleteAsync();
            bytesArrived.SetResult(await CountAsync(context.Request.Body));
        });
        var rejects = Write("rejects.ndjson", "earlier\n");

        var result = await server.RunAsync(
            "import", Write("cards.csv", Header + new string('1', 4_000_000)), "--account", Account, "--rejects", rejects);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("No account has this sid. (404 notFound)\n", result.Error);
        Assert.Equal("earlier\n", await File.ReadAllTextAsync(rejects, TestContext.Current.CancellationToken));
        Assert.Equal(0, await bytesArrived.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_imported_file_cannot_be_the_file_of_rejects()
    {
        var file = Write("cards.csv", Rows);

        var result = await Cli.RunAsync("import", file, "--account", Account, "--rejects", file, "--key", "k");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(Rows, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Unknown_columns_and_keys_of_the_card_are_named_once()
    {
        await using var server = await ServerAnswering("""
            {"progress":0,"header":{"line":1,"delimiter":",","columns":[{"name":"ICCID","column":"iccid"},{"name":"IMSI1","column":"imsi"}],
            "ignored":["Colour","a,b"],"keys":["ki","OPc","KIC"]}}
            """.ReplaceLineEndings("") + $"\n{Summary}\n");

        var result = await server.RunAsync("import", Write("cards.csv", Rows), "--account", Account);

        Assert.Equal(
            "Columns under another name: IMSI1 as imsi.\nKeys of the card are never stored; ignored: ki, OPc, KIC.\n"
            + "Unknown columns are ignored: Colour, a,b.\n",
            result.Error);
    }

    [Fact]
    public async Task A_file_without_a_header_does_not_show_its_first_card()
    {
        await using var server = await ServerAnswering(Summary + "\n");
        var file = Write("cards.csv", "8942420000000000015,00112233445566778899AABBCCDDEEFF\n");

        var result = await server.RunAsync("import", file, "--account", Account);

        Assert.DoesNotContain("00112233", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_ends_it_with_1_and_says_that_it_is_safe_to_repeat()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no interrupt signal to send to another process.");
        await using var server = await RecordedServer.StartAsync();
        var arrived = new TaskCompletionSource();
        server.On("POST", Target, async context =>
        {
            await server.ReadRequestAsync(context);
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        using var process = Cli.Start(
            new() { ["SIMKEEPER_URL"] = server.Url, ["SIMKEEPER_KEY"] = "k" }, "import", Write("cards.csv", Rows), "--account", Account);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        await arrived.Task.WaitAsync(deadline.Token);

        using (var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"]))
            await kill.WaitForExitAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);

        Assert.Equal(1, process.ExitCode);
        var error = await process.StandardError.ReadToEndAsync(deadline.Token);
        Assert.Contains("Canceled. It is safe to run it again", error, StringComparison.Ordinal);
    }

    private static async Task<long> CountAsync(Stream body)
    {
        var piece = new byte[64 * 1024];
        var total = 0L;
        try
        {
            while (await body.ReadAsync(piece) is > 0 and var count)
                total += count;
        }
        catch (IOException)
        {
            // The body was announced and never came.
        }
        return total;
    }

    private static async Task<RecordedServer> ServerAnswering(string lines) =>
        (await RecordedServer.StartAsync()).On("POST", Target, StatusCodes.Status200OK, "application/x-ndjson", lines);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
