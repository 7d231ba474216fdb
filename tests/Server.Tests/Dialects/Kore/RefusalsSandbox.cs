using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed partial class Refusals
{
    /// <summary>An account with plans of every kind, and SIMs in every status.</summary>
    public sealed class Sandbox : IAsyncLifetime
    {
        private readonly MovableTime _time = new();
        private TestServer _server = null!;
        private OwnAccount _account = null!;
        private OwnAccount _sub = null!;
        private OwnAccount _stranger = null!;

        internal HttpClient Kore => _account.Kore;

        public async ValueTask InitializeAsync()
        {
            _server = await TestServer.StartAsync(wall: _time);
            _account = await _server.AccountAsync();
            _sub = await _server.AccountAsync(_account.Sid);
            _stranger = await _server.AccountAsync();
            Store.AddPlan(_server, _account.Sid, "payg");
            Store.AddPlan(_server, _account.Sid, "quota", metering: "quota-10");
            Store.AddPlan(_server, _account.Sid, "throttle", strategy: "throttle");
            Store.AddPlan(_server, _account.Sid, "nb-annual", narrowband: "annual");
            Store.AddPlan(_server, _account.Sid, "nb-developer", narrowband: "developer");
            await _server.SimAsync("lab", _account.Sid, ("unique_name", "taken"));
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        internal string Fill(string request) => request
            .Replace("{sub}", _sub.Sid, StringComparison.Ordinal)
            .Replace("{stranger}", _stranger.Sid, StringComparison.Ordinal)
            .Replace("{256}", new string('n', 256), StringComparison.Ordinal)
            .Replace("{257}", new string('f', 257), StringComparison.Ordinal);

        internal async Task<string> SimInAsync(string status)
        {
            var sid = await _server.SimAsync("lab", _account.Sid, ("narrowband", status is "narrowband" or "annual" ? "true" : "false"));
            var path = $"/v1/Sims/{sid}";
            switch (status)
            {
                case "planned" or "annual":
                    (await Kore.FormAsync(path, ("RatePlan", status == "annual" ? "nb-annual" : "payg"))).Is(200);
                    break;
                case "ready" or "active":
                    await _server.ReachAsync(Kore, sid, status, "payg");
                    break;
                case "suspended" or "deactivated" or "canceled" or "resetting":
                    await _server.ReachAsync(Kore, sid, "active", "payg");
                    (await Kore.FormAsync(path, status == "resetting"
                        ? ("ResetStatus", "resetting")
                        : ("Status", status == "canceled" ? "deactivated" : status))).Is(202);
                    if (status == "resetting")
                        break;
                    await _server.EndAsync(sid);
                    if (status != "canceled")
                        break;
                    _time.Move(TimeSpan.FromHours(72));
                    await Calls.UntilAsync(() => Kore.FetchAsync(path), sim => sim["status"] is "canceled");
                    break;
                case "updating":
                    (await Kore.FormAsync(path, ("Status", "active"), ("RatePlan", "payg"))).Is(202);
                    break;
            }
            return sid;
        }

        internal async Task<HttpClient> CallerAsync(string caller)
        {
            switch (caller)
            {
                case "wrong token":
                    return _server.Basic(_account.Sid, "wrong");
                case "no Base64":
                    var client = _server.Anonymous;
                    client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Basic ???");
                    return client;
                case "other account's sid":
                    return _server.Basic(_stranger.Sid, _account.Token);
                case "reader":
                    var (id, secret) = await _server.KeyAsync("kore", "read", _account.Sid);
                    return _server.Basic(id, secret);
                default:
                    return _server.Anonymous;
            }
        }
    }

    /// <summary>A form whose length is not said ahead.</summary>
    private sealed class Chunked : HttpContent
    {
        private readonly byte[] _bytes;

        public Chunked(string form)
        {
            _bytes = Encoding.UTF8.GetBytes(form);
            Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
