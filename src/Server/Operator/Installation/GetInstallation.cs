using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Gets the installation.</summary>
/// <remarks>The version of the program that answers, and how it runs.</remarks>
internal static class GetInstallation
{
    private static readonly string[] Built = typeof(GetInstallation).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+');

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/installation", Run);

    private static Answer<InstallationAnswer> Run(
        Database database, SandboxSettings sandbox, HttpSettings http, JobSettings jobs) => new InstallationAnswer
        {
            Version = Built[0],
            Commit = Built.ElementAtOrDefault(1),
            Sandbox = sandbox.Enabled,
            Store = database.IsShared ? "postgresql" : "sqlite",
            PublicUrl = http.PublicUrl,
            Role = jobs.Role,
        };
}

/// <summary>The installation, as the server that answers sees it.</summary>
/// <example>
/// {"version": "0.1.0", "commit": "0c5e8a1", "sandbox": true, "store": "sqlite", "publicUrl": null, "role": "all"}
/// </example>
internal sealed record InstallationAnswer
{
    /// <summary>The release of this server's program.</summary>
    public required string Version { get; init; }

    /// <summary>The commit that it was built from; null: the build did not know.</summary>
    public required string? Commit { get; init; }

    /// <summary>True for a sandbox: known keys, a clock that moves.</summary>
    public required bool Sandbox { get; init; }

    [AllowedValues("sqlite", "postgresql")]
    public required string Store { get; init; }

    /// <summary>The base of absolute URLs; null: that of the request.</summary>
    public required string? PublicUrl { get; init; }

    /// <summary>The part of this server: it answers requests, does the work that is due, or both.</summary>
    [AllowedValues("api", "worker", "all")]
    public required string Role { get; init; }
}
