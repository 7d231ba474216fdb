namespace Simkeeper.Server.Sims.Import;

/// <summary>The result of an import, so far or in the end.</summary>
internal sealed record ImportCounts
{
    /// <summary>Lines of the file that are cards, good or bad.</summary>
    public long Read { get; set; }

    public long Imported { get; set; }

    /// <summary>Rows whose SIM was there already.</summary>
    public long Present { get; set; }

    /// <summary>Those present SIMs that were completed or corrected.</summary>
    public long Updated { get; set; }

    public long Refused { get; set; }

    /// <summary>Rows taken in spite of a wrong check digit in the ICCID.</summary>
    public long Warnings { get; set; }

    public long Rows => Imported + Present + Refused;
}

/// <summary>The choices of an import.</summary>
/// <param name="Provider">The carrier of rows that name none; null: the default of the sandbox, or an error in each row.</param>
/// <param name="Update">True to correct SIMs that differ from the file, where else their rows are refused.</param>
/// <param name="DryRun">True to change nothing and only tell what would happen.</param>
internal sealed record ImportOptions(string? Provider, bool Update = false, bool DryRun = false);
