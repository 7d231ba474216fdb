using System.Text;

namespace Simkeeper.Bench;

/// <summary>The facts that every group of figures needs.</summary>
/// <param name="Jitted">The published <c>simkeeper</c>, with ReadyToRun.</param>
/// <param name="Native">The published <c>simkeeper</c>, native.</param>
/// <param name="Program">The one of the two that is measured.</param>
/// <param name="Scratch">A folder that is deleted in the end.</param>
/// <param name="Earlier">A <c>simkeeper</c> of an earlier release; null: none was given.</param>
/// <param name="Seconds">How long one measurement of load lasts.</param>
internal sealed record Setup(string Jitted, string Native, string Program, string? Earlier, string Scratch, int Seconds)
{
    /// <summary>A file in the scratch folder with one line each.</summary>
    public string Lines(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(Scratch, name + ".txt");
        File.WriteAllLines(path, lines);
        return path;
    }
}

/// <summary>One row of the table.</summary>
internal sealed record Figure(string Name, string MustReach, string Measured, string Floor, bool Reached)
{
    public static Figure AtLeast(string name, double least, double measured, string details, string floor) =>
        new(name, $"≥ {least:0.00}", $"{measured:0.00} ({details})", floor, measured >= least);

    public static Figure AtMost(string name, double most, string unit, double measured, string details, string floor) =>
        new(name, $"≤ {most:0.##}{unit}", $"{measured:0.00}{unit}{(details.Length > 0 ? $" ({details})" : "")}", floor, measured <= most);

    public static string Table(IEnumerable<Figure> figures)
    {
        var text = new StringBuilder("| figure | must reach | measured | the floor beside it |\n| --- | --- | --- | --- |\n");
        foreach (var figure in figures)
        {
            var verdict = figure.Reached ? "" : " **falls short**";
            text.Append($"| {figure.Name} | {figure.MustReach} | {figure.Measured}{verdict} | {figure.Floor} |\n");
        }
        return text.ToString();
    }
}
