using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements that count what an account has.</summary>
internal static class QuotaSql
{
    /// <summary>Gives a row if an account has more rate plans than are to be skipped. It reads as many entries of an index.</summary>
    public static readonly Sql TooManyPlans = new(
        "select id from rate_plans where org_id = @org_id and account_id = @account_id order by id limit 1 offset @skip");

    /// <summary>Counts the SIMs of an account: it reads as many entries of an index.</summary>
    public static readonly Sql Sims = new("select count(*) from sims where org_id = @org_id and account_id = @account_id");
}
