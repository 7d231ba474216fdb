using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Simkeeper.Bench;

/// <summary>Somebody's web server, on every address of the loopback network: it reads a request, counts it and answers 200.</summary>
internal sealed class CountingReceiver : IAsyncDisposable
{
    private readonly WebApplication _web;
    private TaskCompletionSource _reached = new();
    private int _count, _wanted;
    private long _first, _last;

    private CountingReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://0.0.0.0:0");
        _web = builder.Build();
        _web.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            var at = Stopwatch.GetTimestamp();
            var count = Interlocked.Increment(ref _count);
            if (count == 1)
                _first = at;
            Interlocked.Exchange(ref _last, at);
            if (count == _wanted)
                _reached.TrySetResult();
        });
    }

    public int Port => new Uri(_web.Urls.First()).Port;

    /// <summary>When the latest request came (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public long Last => Interlocked.Read(ref _last);

    public static async Task<CountingReceiver> StartAsync()
    {
        var receiver = new CountingReceiver();
        await receiver._web.StartAsync();
        return receiver;
    }

    /// <summary>Counts anew; the task ends with the last of this many requests and gives the seconds since the first.</summary>
    /// <param name="before">Requests that come first and do not count.</param>
    public async Task<double> ExpectAsync(int count, TimeSpan longest, int before = 0)
    {
        _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (_count, _wanted, _first) = (-before, count, 0);
        await _reached.Task.WaitAsync(longest);
        return Stopwatch.GetElapsedTime(_first, Last).TotalSeconds;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
