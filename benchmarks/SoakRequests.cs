using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Simkeeper.Bench;

/// <summary>The mix of requests.</summary>
internal sealed class SoakRequests
{
    private const int ReportsOfBatch = 10;

    private static readonly string[] GigsFilters =
        ["status=active&limit=50", "provider=p14&status=inactive&limit=50", "type=eSIM&provider=p3,p15,lab-hlr", "limit=200"];
    private static readonly string[] KoreFilters = ["Status=suspended", "Status=active&PageSize=200", "PageSize=50", "Status=new"];

    private readonly SoakPlan _plan;
    private readonly string _start = Time(DateTimeOffset.UtcNow);

    /// <summary>The share of each in a hundred, how it is made for an org, and if the operator sends it.</summary>
    private readonly List<(int Share, Func<int, HttpRequestMessage> Make, bool OfOperator)> _mix;

    private long _number;

    public SoakRequests(SoakPlan plan)
    {
        _plan = plan;
        _mix =
        [
            (38, org => Gigs(org, HttpMethod.Get, $"sims/{Any(Of(org).Sims).PublicId}"), false),
            (20, org => Kore(org, HttpMethod.Get, $"Sims/{Any(Of(org).Sims).Sid}"), false),
            (20, Patch, false),
            (4, Change, false),
            (2, Command, false),
            (3, org => Gigs(org, HttpMethod.Get, $"sims?{Any(GigsFilters)}"), false),
            (3, org => Kore(org, HttpMethod.Get, $"Sims?{Any(KoreFilters)}"), false),
            (5, org => Gigs(org, HttpMethod.Post, "sims/search", Json($$"""{"iccid":"{{Any(Of(org).Sims).Iccid}}"}""")), false),
            (4, Usage, true),
            (1, _ => Operator(HttpMethod.Get, Any(["operations?state=open", "deliveries?state=dead", "events"]), null), true),
        ];
    }

    /// <summary>Gives one of the mix by chance, to be made for an org.</summary>
    public (Func<int, HttpRequestMessage> Make, bool OfOperator) Next()
    {
        var at = Random.Shared.Next(100);
        foreach (var (share, make, ofOperator) in _mix)
        {
            if ((at -= share) < 0)
                return (make, ofOperator);
        }
        throw new InvalidOperationException("The shares are fewer than a hundred.");
    }

    private SoakOrg Of(int org) => _plan.Orgs[org];

    private HttpRequestMessage Patch(int org) => Gigs(org, HttpMethod.Patch, $"sims/{Any(Of(org).Sims).PublicId}",
        Json($$$"""{"metadata":{"reading":"{{{Interlocked.Increment(ref _number)}}}"}}"""));

    /// <summary>Suspends SIMs or makes them active; never one of those that take Commands.</summary>
    private HttpRequestMessage Change(int org)
    {
        var active = Of(org).Active;
        var sim = active[Random.Shared.Next(active.Count / 2)];
        return Kore(org, HttpMethod.Post, $"Sims/{sim.Sid}", new FormUrlEncodedContent(
            [new("Status", Any(["active", "suspended"])), new("CallbackUrl", Any(_plan.Callbacks)), new("CallbackMethod", "POST")]));
    }

    private HttpRequestMessage Command(int org)
    {
        var active = Of(org).Active;
        var sim = active[Random.Shared.Next(active.Count / 2, active.Count)];
        return Kore(org, HttpMethod.Post, "Commands", new FormUrlEncodedContent(
            [new("Sim", sim.Sid), new("Command", "wake"), new("CallbackUrl", Any(_plan.Callbacks)), new("CallbackMethod", "POST")]));
    }

    private HttpRequestMessage Usage(int org)
    {
        var at = Time(DateTimeOffset.UtcNow);
        var bytes = Interlocked.Increment(ref _number);
        var reports = Enumerable.Range(0, ReportsOfBatch).Select(_ =>
            $$"""
            {"sim":"{{Any(Of(org).Active).Sid}}","session":"s-1","start":"{{_start}}","at":"{{at}}","uploadedBytes":{{bytes}},
            "downloadedBytes":{{bytes}},"mcc":"999","mnc":"70","radio":"LTE"}
            """);
        return Operator(HttpMethod.Post, "usage", Json($"[{string.Join(',', reports)}]"));
    }

    private HttpRequestMessage Gigs(int org, HttpMethod method, string path, HttpContent? content = null) =>
        Request(method, $"/projects/{Of(org).Project}/{path}", Of(org).Bearer, content);

    private HttpRequestMessage Kore(int org, HttpMethod method, string path, HttpContent? content = null) =>
        Request(method, $"/v1/{path}", Of(org).Basic, content);

    private static HttpRequestMessage Operator(HttpMethod method, string path, HttpContent? content) =>
        Request(method, $"/operator/v1/{path}", ServerProcess.OperatorAuthorization, content);

    private static HttpRequestMessage Request(HttpMethod method, string path, string authorization, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return request;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static T Any<T>(IReadOnlyList<T> of) => of[Random.Shared.Next(of.Count)];

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
