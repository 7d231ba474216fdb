namespace Simkeeper.Cli;

/// <summary>Tells whoever starts a sandbox where it is, which keys it has, and what to try first.</summary>
internal static class SandboxBanner
{
    /// <summary>Lines for a shell: the credentials of the master account.</summary>
    public const string Environment = """
        export SIMKEEPER_KEY=skop_sandbox
        export GIGS_PROJECT=sandbox
        export GIGS_TOKEN=gpk_sandbox
        export TWILIO_ACCOUNT_SID=AC00000000000000000000000000000001
        export TWILIO_AUTH_TOKEN=sandbox-token
        """;

    public static string Of(Uri url)
    {
        var at = url.GetLeftPart(UriPartial.Authority);
        return $"""

              Simkeeper sandbox          master account                        subaccount
              account sid                AC00000000000000000000000000000001    AC00000000000000000000000000000002
              auth token                 sandbox-token                         sandbox-token-2
              Gigs project, key          sandbox, gpk_sandbox                  sandbox-sub, gpk_sandbox_sub
              Gigs key, read-only        gpk_sandbox_read
              OAuth2 client              sandbox-client, sandbox-secret
              rate plan                  sandbox-plan                          sandbox-plan-sub
              operator key               skop_sandbox

              Gigs:      curl -H 'Authorization: Bearer gpk_sandbox' '{at}/projects/sandbox/sims?limit=1'
              KORE:      curl -u AC00000000000000000000000000000001:sandbox-token '{at}/v1/Sims?PageSize=1'
              operator:  simkeeper --url {at} --key skop_sandbox sims list --limit 1

            """;
    }
}
