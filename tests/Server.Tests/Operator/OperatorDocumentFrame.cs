using System.Text.Json.Nodes;

namespace Simkeeper.Server.Tests.Operator;

/// <summary>The parts of the operator API's OpenAPI document that no endpoint says.</summary>
internal static class OperatorDocumentFrame
{
    public static JsonObject Head()
    {
        var head = Parse("""
            {
              "openapi": "3.1.0",
              "info": {
                "title": "Simkeeper, operator API",
                "version": "1",
                "description": "",
                "contact": { "name": "The operator of this installation" },
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
              },
              "servers": [{ "url": "/", "description": "The server that serves this document." }],
              "security": [{ "operator": [] }],
              "tags": [
                { "name": "accounts", "description": "Accounts and the keys that act for them." },
                { "name": "operator-keys", "description": "Keys for this API." },
                { "name": "sims", "description": "SIMs of every account." },
                { "name": "operations", "description": "Accepted asynchronous changes of SIMs." },
                { "name": "events", "description": "What happened to SIMs." },
                { "name": "deliveries", "description": "Callbacks and webhooks: what was sent where, and with what success." },
                { "name": "commands", "description": "What devices say." },
                { "name": "usage", "description": "What networks report of data sessions." },
                { "name": "rate-plans", "description": "The services and limits of SIMs." },
                { "name": "carriers", "description": "Networks that carry out operations." },
                { "name": "installation", "description": "The program that answers, and how it runs." },
                { "name": "clock", "description": "The clock that SIMs live by; it moves in a sandbox only." },
                { "name": "faults", "description": "How a sandbox's carriers behave badly." },
                { "name": "webhooks", "description": "Who is told of the Gigs events of an account." },
                { "name": "health", "description": "For probes; needs no key." }
              ]
            }
            """);
        head["info"]!["description"] =
            "The work of an installation's operator that no dialect offers: accounts, keys, imports, operations, events, carriers, "
            + "the clock and faults of a sandbox. Errors are problem details (RFC 9457); those that an operation does not name fall under "
            + "`default`. Times are RFC 3339, UTC, milliseconds. Lists carry the cursor of the next page.";
        return head;
    }

    public static JsonObject SecuritySchemes() => Parse("""
        { "operator": { "type": "http", "scheme": "bearer", "description": "An operator key; it acts for the whole installation." } }
        """);

    public static JsonObject RetryAfter() => Parse("""
        {
          "Retry-After": {
            "description": "Seconds to wait before the next request; with 429 and 503.",
            "schema": { "type": "integer", "minimum": 0 }
          }
        }
        """);

    /// <summary>The parts of an event that are raw JSON.</summary>
    public static JsonObject EventData() => Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["previous", "updated"],
          "properties": { "previous": VALUES, "updated": VALUES }
        }
        """.Replace("VALUES", """
        { "type": "object", "additionalProperties": { "type": ["string", "object", "null"], "additionalProperties": { "type": "string" } } }
        """, StringComparison.Ordinal));

    /// <summary>The probes, which stand outside the API.</summary>
    public static IEnumerable<(string Path, JsonObject Operation)> Health() =>
    [
        ("/health/live", Parse("""
            {
              "operationId": "live",
              "tags": ["health"],
              "summary": "Is the process alive?",
              "description": "Always 200; the body means nothing.",
              "security": [],
              "responses": {
                "200": { "description": "Alive." },
                "400": { "description": "The request is not valid HTTP, for example without a `Host` header." }
              }
            }
            """)),
        ("/health/ready", Parse("""
            {
              "operationId": "ready",
              "tags": ["health"],
              "summary": "Can it answer requests?",
              "description": "200 only when the store is migrated and seeded; the body means nothing.",
              "security": [],
              "responses": {
                "200": { "description": "Ready." },
                "400": { "description": "The request is not valid HTTP, for example without a `Host` header." },
                "503": { "description": "Not ready." }
              }
            }
            """)),
    ];

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
