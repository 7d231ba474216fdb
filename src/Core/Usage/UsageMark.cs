namespace Simkeeper.Core.Usage;

/// <summary>
/// The counters of a data session at the end of a second (or of an hour: earlier versions made such marks). Marks are kept as running
/// maxima: merging more reports gives the same result in any order, however often they come and however they are split. A counter that is
/// lower than before is out of date.
/// </summary>
/// <param name="At">The start of that time, or of the part of it in which one account owned the SIM; milliseconds since 1970, UTC.</param>
/// <param name="AccountId">The account that owned the SIM in that time.</param>
/// <param name="Uploaded">Bytes since the session began.</param>
/// <param name="Downloaded">Bytes since the session began.</param>
public readonly record struct UsageMark(long At, Guid AccountId, long Uploaded, long Downloaded)
{
    /// <summary>Merges reports into marks; the result is oldest first.</summary>
    /// <param name="marks">Oldest first; nothing reported may be older than the first, unless all the session's marks are given.</param>
    /// <param name="reported">In any order.</param>
    public static List<UsageMark> Merge(IReadOnlyList<UsageMark> marks, IEnumerable<UsageMark> reported)
    {
        var merged = new List<UsageMark>();
        long uploaded = 0, downloaded = 0;
        foreach (var mark in marks.Concat(reported).OrderBy(mark => mark.At))
        {
            uploaded = Math.Max(uploaded, mark.Uploaded);
            downloaded = Math.Max(downloaded, mark.Downloaded);
            var account = mark.AccountId;
            if (merged.Count > 0 && merged[^1].At == mark.At)
            {
                account = merged[^1].AccountId;
                merged.RemoveAt(merged.Count - 1);
            }
            merged.Add(new UsageMark(mark.At, account, uploaded, downloaded));
        }
        return merged;
    }

    /// <summary>The use in each mark's own time: its counters less those of the mark before.</summary>
    public static IEnumerable<UsageMark> Used(IReadOnlyList<UsageMark> marks)
    {
        for (var i = 0; i < marks.Count; i++)
        {
            var before = i == 0 ? default : marks[i - 1];
            yield return marks[i] with
            {
                Uploaded = marks[i].Uploaded - before.Uploaded,
                Downloaded = marks[i].Downloaded - before.Downloaded,
            };
        }
    }
}
