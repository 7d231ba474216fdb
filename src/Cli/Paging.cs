using System.CommandLine;

namespace Simkeeper.Cli;

/// <summary>The options of every list, <c>--limit</c> and <c>--all</c>, and the way through its pages.</summary>
internal sealed class Paging
{
    public const int PageMax = 500;
    private const int LimitDefault = 50;

    public Option<string> Limit { get; } =
        new Option<string>("--limit") { Description = $"The most to list; default {LimitDefault}.", HelpName = "N" }
            .Check(text => int.TryParse(text, out var limit) && limit > 0, "must be a whole number from 1.");

    public Option<string> Columns { get; } =
        new("--columns") { Description = "The columns of the table, e.g. sid,iccid,metadata.site.", HelpName = "A,B,…" };

    public Option<bool> All { get; } = new("--all") { Description = "Everything that matches, without a limit." };

    public void AddTo(Command command)
    {
        command.Validators.Add(result =>
        {
            if (result.GetResult(All) is not null && result.GetResult(Limit) is not null)
                result.AddError("Give --limit or --all, not both.");
        });
        command.Add(Limit);
        command.Add(All);
        command.Add(Columns);
    }

    /// <summary>The columns that are asked for.</summary>
    /// <param name="byDefault">Those of the command.</param>
    public string[] ColumnsOf(ParseResult parsed, string[] byDefault) =>
        parsed.GetValue(Columns)?.Split(',', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } given ? given : byDefault;

    /// <summary>The given ones of these options, as the API calls them.</summary>
    public static string Filter(ParseResult parsed, params Option<string>[] options) => string.Concat(
        options.Where(option => parsed.GetValue(option) is not null)
            .Select(option => $"&{option.Name[2..]}={Uri.EscapeDataString(parsed.GetRequiredValue(option))}"));

    /// <summary>Prints page after page until there are no more, or until enough items are printed.</summary>
    public async Task PrintAsync(
        ApiClient api, Output output, ParseResult parsed, string list, string filter, string[] columns, CancellationToken cancellation)
    {
        var left = parsed.GetValue(All) ? long.MaxValue : parsed.GetValue(Limit) is { } limit ? int.Parse(limit) : LimitDefault;
        string? next = null;
        do
        {
            var after = next is null ? "" : $"&after={Uri.EscapeDataString(next)}";
            var call = $"{list}?limit={Math.Min(left, PageMax)}{filter}{after}";
            using var page = await api.GetAsync(call, ["items", "next"], cancellation);
            var items = page.RootElement.GetProperty("items").EnumerateArray().ToList();
            output.Page(items, ColumnsOf(parsed, columns));
            left -= items.Count;
            next = page.RootElement.GetProperty("next").GetString();
        }
        while (next is not null && left > 0);
        if (next is not null)
            Output.Message("There are more; --limit or --all shows them.");
    }
}
