using System.Text.Json;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims.Import;

namespace Simkeeper.Server.Operator;

/// <summary>
/// The NDJSON that an import answers with while the file still streams in. Many clients read nothing before they have sent everything,
/// so what is to be said waits in a file of its own, and the import never waits for its reader.
/// </summary>
internal sealed class ImportAnswer : IAsyncDisposable
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);
    private readonly HttpResponse _response;
    private readonly TimeProvider _wall;
    private readonly FileStream _said;
    private readonly FileStream _toSend;
    private readonly SemaphoreSlim _more = new(0);
    private readonly Task _sending;
    private DateTimeOffset _progressDue;
    private bool _complete;

    public ImportAnswer(HttpResponse response, TimeProvider wall)
    {
        _response = response;
        _wall = wall;
        _progressDue = wall.GetUtcNow() + ProgressEvery;
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _said = new FileStream(path, options);
        _toSend = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        response.StatusCode = 200;
        response.ContentType = "application/x-ndjson";
        _sending = Task.Run(SendAsync);
        Counts = new ImportCounts();
    }

    public ImportCounts Counts { get; }

    public Task RefuseAsync(Refusal refusal) => SayAsync(
        new ImportRefusal { Line = refusal.Line, Iccid = refusal.Iccid, Field = refusal.Field, Reason = refusal.Reason });

    /// <summary>Says how the file is read. Clients that only know of progress take it for that.</summary>
    public Task BeginAsync(CardFile file) => SayAsync(new ImportProgress { Progress = 0, Header = ImportedHeader.Of(file) });

    /// <summary>Says the last line and waits until the client has everything.</summary>
    /// <param name="error">The problem at which the import broke off; null: it is complete.</param>
    public async Task CompleteAsync(bool isDryRun, Problem? error = null)
    {
        await SayAsync(ImportSummary.Of(Counts, isDryRun, error));
        Finish();
        await _sending;
    }

    public async ValueTask DisposeAsync()
    {
        Finish();
        try
        {
            await _sending;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone; what was imported stays.
        }
        await _toSend.DisposeAsync();
        await _said.DisposeAsync();
        _more.Dispose();
    }

    /// <summary>Says how far it is, each second.</summary>
    public async Task ProgressAsync()
    {
        if (_wall.GetUtcNow() < _progressDue)
            return;
        _progressDue = _wall.GetUtcNow() + ProgressEvery;
        await SayAsync(new ImportProgress { Progress = Counts.Rows });
    }

    private async Task SayAsync(ImportLine said)
    {
        var line = JsonAnswer.Render(
            said, static (json, said) => JsonSerializer.Serialize(json, said, OperatorJson.Default.ImportLine)).ToArray();
        await _said.WriteAsync((byte[])[.. line, (byte)'\n']);
        await _said.FlushAsync();
        _more.Release();
    }

    private void Finish()
    {
        if (_complete)
            return;
        _complete = true;
        _more.Release();
    }

    private async Task SendAsync()
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var complete = _complete;
            var read = await _toSend.ReadAsync(buffer);
            if (read > 0)
                await _response.Body.WriteAsync(buffer.AsMemory(0, read), _response.HttpContext.RequestAborted);
            else if (complete)
                return;
            else
            {
                await _response.Body.FlushAsync(_response.HttpContext.RequestAborted);
                await _more.WaitAsync(_response.HttpContext.RequestAborted);
            }
        }
    }
}
