using System.Text;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims.Import;

namespace Simkeeper.Server.Tests.Sims.Import;

/// <summary>Reads whole files the way an import does, from a stream that hands out few bytes at a time.</summary>
internal static class CardFiles
{
    public static Task<Result<CardFile>> OpenCsvAsync(string text) => OpenCsvAsync(Encoding.UTF8.GetBytes(text));

    public static Task<Result<CardFile>> OpenCsvAsync(byte[] bytes) =>
        CsvCards.OpenAsync(Trickle(bytes), new CardReading(), TestContext.Current.CancellationToken);

    public static Task<Result<CardFile>> OpenOutAsync(string text) =>
        OutCards.OpenAsync(Trickle(Encoding.UTF8.GetBytes(text)), new CardReading(), TestContext.Current.CancellationToken);

    public static async Task<List<CardLine>> ReadCsvAsync(string text) => await AllAsync((await OpenCsvAsync(text)).Value);

    public static async Task<List<CardLine>> ReadCsvAsync(byte[] bytes) => await AllAsync((await OpenCsvAsync(bytes)).Value);

    public static async Task<List<CardLine>> ReadOutAsync(string text) => await AllAsync((await OpenOutAsync(text)).Value);

    public static async Task<List<CardLine>> AllAsync(CardFile file)
    {
        var lines = new List<CardLine>();
        await foreach (var line in file.ReadAsync(TestContext.Current.CancellationToken))
            lines.Add(line);
        return lines;
    }

    /// <summary>The line of a row and its friendly name, or the line of a refusal and an exclamation mark.</summary>
    public static IEnumerable<string> Outline(IEnumerable<CardLine> lines) => lines.Select(line =>
        line.Row is { } row ? $"{row.Line} {row[ImportColumn.FriendlyName]}" : $"{line.Refusal!.Line} !");

    public static FileStream Sample(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "simkeeper.slnx")))
            folder = folder.Parent!;
        return File.OpenRead(Path.Combine(folder.FullName, "samples", name));
    }

    private static TrickleStream Trickle(byte[] bytes) => new(bytes);

    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        private const int BytesAtOnce = 1009;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(BytesAtOnce, buffer.Length)], cancellationToken);
    }
}
