using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Simkeeper.Bench;

/// <summary>The floor of GET: Kestrel alone, which answers every request with the same SIM of 500 bytes.</summary>
internal static class ConstantServer
{
    /// <summary>The argument that makes a process of this program that server; the URL on which it listens follows.</summary>
    public const string Argument = "--constant";

    private static readonly byte[] Sim =
        Encoding.ASCII.GetBytes("{\"object\":\"sim\",\"metadata\":{\"note\":\"" + new string('x', 461) + "\"}}");

    /// <summary>Runs until the process is ended.</summary>
    public static async Task RunAsync(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        await using var web = builder.Build();
        web.Run(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Sim.Length;
            return context.Response.Body.WriteAsync(Sim, 0, Sim.Length);
        });
        await web.StartAsync();
        var addresses = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Console.WriteLine($"The floor listens on {addresses.First()}.");
        await Task.Delay(Timeout.Infinite);
    }
}
