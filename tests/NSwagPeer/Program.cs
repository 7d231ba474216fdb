// Clients that NSwag, or Kiota, generates from the OpenAPI documents, with nothing changed, tell the story of the API that SIMKEEPER_API
// names.
using Clients;

await (Environment.GetEnvironmentVariable("SIMKEEPER_API") switch
{
    "gigs" => GigsStory.TellAsync(),
    "kore" => KoreStory.TellAsync(),
    "operator" => OperatorStory.TellAsync(),
    var other => throw new InvalidOperationException($"SIMKEEPER_API is '{other}'."),
});
