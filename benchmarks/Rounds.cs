namespace Simkeeper.Bench;

/// <summary>
/// Measures subjects by turns, so that whatever else the machine does meets them alike; a first round, in which code is still being
/// compiled and pages come from disk, does not count.
/// </summary>
internal sealed class Rounds
{
    /// <summary>Odd, so that one of them is the median.</summary>
    public static int Count { get; set; } = 5;

    private readonly double[][] _measured;

    private Rounds(double[][] measured) => _measured = measured;

    public static async Task<Rounds> RunAsync(params Func<Task<double>>[] subjects)
    {
        var measured = new double[Count][];
        for (var round = -1; round < Count; round++)
        {
            var values = new double[subjects.Length];
            for (var i = 0; i < subjects.Length; i++)
                values[i] = await subjects[i]();
            if (round >= 0)
                measured[round] = values;
        }
        return new Rounds(measured);
    }

    /// <summary>The median of one subject.</summary>
    public double Of(int subject) => Median(_measured.Select(values => values[subject]));

    /// <summary>The median of the ratios of two subjects within a round.</summary>
    public double Ratio(int subject, int floor) => Median(_measured.Select(values => values[subject] / values[floor]));

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Count / 2);
}
