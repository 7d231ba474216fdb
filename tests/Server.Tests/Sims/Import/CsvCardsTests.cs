using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims.Import;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Sims.Import.CardFiles;

namespace Simkeeper.Server.Tests.Sims.Import;

[SqliteOnly]
public sealed class CsvCardsTests
{
    private const string Iccid = "8944538532008160222";

    [Fact]
    public async Task Columns_are_named_in_any_order_and_case()
    {
        var file = (await OpenCsvAsync($"Friendly_Name, IMSI ,ICCID,Metadata.Site\r\nPump,001010123456789,{Iccid},north\r\n")).Value;
        var row = Assert.Single(await AllAsync(file)).Row!;
        Assert.Equal((2, "Pump", "001010123456789", Iccid), (
            row.Line, row[ImportColumn.FriendlyName], row[ImportColumn.Imsi], row[ImportColumn.Iccid]));
        Assert.Equal([new("Site", "north")], row.Metadata);
        Assert.True(file.Columns.Columns.Contains(ImportColumn.Imsi));
        Assert.False(file.Columns.Columns.Contains(ImportColumn.Msisdn));
    }

    [Fact]
    public async Task Quoted_fields_keep_commas_quotes_and_line_breaks_and_lines_are_counted_through_them()
    {
        var lines = await ReadCsvAsync(
            $"iccid,friendly_name\r\n{Iccid},\"a, \"\"b\"\"\r\nc\"\r\n\r\n{Iccid},plain\r\n{Iccid},\"\"\r\n\"{Iccid}\",last");
        Assert.Equal(["2 a, \"b\"\nc", "5 plain", "6 ", "7 last"], Outline(lines));
        Assert.Equal(Iccid, lines[3].Row![ImportColumn.Iccid]);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_first_column() =>
        Assert.Single(await ReadCsvAsync([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes($"iccid\n{Iccid}\n")]));

    [Fact]
    public async Task Unknown_columns_are_told_once_and_keys_of_the_card_never()
    {
        var file = (await OpenCsvAsync(
            "iccid,Colour,ki,KI_enc,Ki1,opc,OPC,op,pin1,PIN2,puk1,puk2,adm,ADM1,pin_adm,Code ADM,chv1,metadata.ki,,smsp\n")).Value;
        Assert.Equal(["Colour", "smsp"], file.Columns.Ignored);
    }

    [Fact]
    public async Task Keys_of_the_card_never_come_out()
    {
        const string Secret = "465B5CE8B199B49FAA5F0A2EE238A6BC";
        var lines = await ReadCsvAsync($"iccid,ki,metadata.ki,friendly_name\n{Iccid},{Secret},{Secret},Pump\n{Secret},{Iccid},x\n");
        var row = lines[0].Row!;
        Assert.DoesNotContain(Enum.GetValues<ImportColumn>(), column => row[column]?.Contains(Secret) == true);
        Assert.Null(row.Metadata);
        Assert.DoesNotContain(Secret, $"{lines[1].Refusal}");
        Assert.Null(lines[1].Refusal!.Iccid);
    }

    [Theory]
    [InlineData("", "iccid", "empty")]
    [InlineData("\n\n", "iccid", "empty")]
    [InlineData("imsi,msisdn\n", "iccid", "no column iccid")]
    [InlineData("iccid,imsi,IMSI\n", "imsi", "twice")]
    [InlineData("iccid,metadata.a,metadata.a\n", "metadata.a", "twice")]
    [InlineData("iccid,metadata.\n", "metadata.", "1 to 40")]
    [InlineData("iccid,metadata.gigs.com/x\n", "metadata.gigs.com/x", "gigs.com")]
    [InlineData("iccid,\"imsi\n", null, "quotes")]
    [InlineData("iccid\0,imsi\n", null, "NUL")]
    public async Task A_head_that_makes_no_sense_refuses_the_file(string text, string? field, string reason)
    {
        var error = (await OpenCsvAsync(text)).Error;
        Assert.Equal(field, error?.Field);
        Assert.Contains(reason, error?.Message);
    }

    [Fact]
    public async Task A_line_with_too_few_or_too_many_fields_is_refused_and_the_next_is_read()
    {
        var lines = await ReadCsvAsync($"friendly_name,iccid,imsi\na,{Iccid}\nb,{Iccid},,\nc\nd,{Iccid},\n");
        Assert.Equal(["2 !", "3 !", "4 !", "5 d"], Outline(lines));
        Assert.Equal(new Refusal(2, Iccid, null, "This line has 2 fields where the file has 3 columns."), lines[0].Refusal);
        Assert.Null(lines[2].Refusal!.Iccid);
    }

    [Theory]
    [InlineData("5\" disk")]
    [InlineData("\"never closed")]
    [InlineData("\"closed\" too early")]
    [InlineData(" \"late")]
    [InlineData("\"\"\"")]
    public async Task A_quote_out_of_place_costs_its_own_line_only(string field)
    {
        var lines = await ReadCsvAsync($"iccid,friendly_name\n{Iccid},{field}\n{Iccid},b\n{Iccid},\"c\"\n{Iccid},\"d\nd\"\n");
        Assert.Equal(["2 !", "3 b", "4 c", "5 d\nd"], Outline(lines));
        Assert.Contains("quotes", lines[0].Refusal!.Reason);
    }

    [Fact]
    public async Task Damaged_and_overlong_lines_and_fields_cost_their_own_line_only()
    {
        byte[] Line(string name) => Encoding.UTF8.GetBytes($"{Iccid},{name}\n");
        var tooLong = new string('x', CardLines.MaxLineBytes);
        var longest = new string('x', CardHeader.MaxFieldLength);
        var lines = await ReadCsvAsync(
        [
            .. Encoding.UTF8.GetBytes("iccid,friendly_name\n"),
            .. Line("a\0"), .. Line("b"), 0xC3, 0x28, (byte)'\n', .. Line("c"), .. Line(tooLong), .. Line("d"),
            .. Line(longest), .. Line(longest + "x"), .. Line(string.Concat(Enumerable.Repeat(tooLong, 9))), .. Line("e"),
        ]);
        Assert.Equal(["2 !", "3 b", "4 !", "5 c", "6 !", "7 d", $"8 {longest}", "9 !", "10 !", "11 e"], Outline(lines));
        Assert.Equal((Iccid, "friendly_name"), (lines[7].Refusal!.Iccid, lines[7].Refusal!.Field));
    }

    [Fact]
    public async Task A_line_that_never_ends_takes_no_memory()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var file = (await CsvCards.OpenAsync(new EndlessLine(256 * 1024 * 1024), new CardReading(), cancellation)).Value;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var line = Assert.Single(await AllAsync(file));
        Assert.Equal(2, line.Refusal!.Line);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 * CardLines.MaxLineBytes);
    }

    [Fact]
    public async Task The_sample_is_accepted_as_a_whole_and_uses_every_column()
    {
        await using var sample = Sample("cards.csv");
        var file = (await CsvCards.OpenAsync(sample, new CardReading(), TestContext.Current.CancellationToken)).Value;
        var cards = (await AllAsync(file)).Select(line => SimCard.Read(line.Row!, null, refuseLuhn: true).Value).ToList();
        Assert.Equal(12, cards.Count);
        Assert.Empty(file.Columns.Ignored);
        Assert.All(Enum.GetValues<ImportColumn>(), column => Assert.True(file.Columns.Columns.Contains(column)));
        Assert.Equal(5, cards.Count(card => card.Type == SimType.ESim));
        Assert.Contains(cards, card => card.Metadata.Entries.Count > 0);
    }

    [Fact]
    public void Whatever_fields_are_written_are_read_back() =>
        Prop.ForAll(
            Gen.Elements("", " ", "a", "ü", ",", "\"", "\"\"", "\n", "a\nb", "\n\n,", "x\"y").ArrayOf().Select(string.Concat)
                .Where(text => text.Length < 100).Two().ListOf().ToArbitrary(),
            rows =>
            {
                string Quoted(string text) => $"\"{text.Replace("\"", "\"\"")}\"";
                var text = string.Concat(rows.Select(row => $"{Quoted(row.Item1)},{Iccid},{Quoted(row.Item2)}\r\n"));
                var lines = Await(ReadCsvAsync("metadata.a,iccid,metadata.b\n" + text));
                return lines.Select(line => (Cell(line, "a"), Cell(line, "b"))).SequenceEqual(rows.Select(row => (row.Item1, row.Item2)));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_bytes_make_reading_throw_and_every_card_is_a_row_or_a_refusal() =>
        Prop.ForAll<byte[]>(noise =>
        {
            var lines = Await(ReadCsvAsync([.. "iccid,friendly_name\n"u8, .. noise, .. Encoding.UTF8.GetBytes($"\n{Iccid},end\n")]));
            return lines.TrueForAll(line => line.Row is null != line.Refusal is null)
                && Outline(lines).Last().EndsWith(" end", StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();

    private static string Cell(CardLine line, string key) => line.Row!.Metadata?.FirstOrDefault(pair => pair.Key == key).Value ?? "";

    private static T Await<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private sealed class EndlessLine(long length) : Stream
    {
        private readonly byte[] _head = Encoding.UTF8.GetBytes($"iccid\n{Iccid},\"");
        private long _position;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = (int)Math.Min(buffer.Length, _position < _head.Length ? _head.Length : length - _position);
            if (_position < _head.Length)
                _head.CopyTo(buffer);
            else
                buffer.Span[..read].Fill((byte)'x');
            _position += read;
            return new(read);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
