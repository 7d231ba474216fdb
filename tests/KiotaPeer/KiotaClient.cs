using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

namespace Clients;

internal static class KiotaClient
{
    public static HttpClientRequestAdapter Adapter(HttpClient http) =>
        new(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = http.BaseAddress!.ToString() };

    /// <summary>The names of the exceptions that the client of one document has.</summary>
    public static string Errors(Type client) => string.Join(',', client.Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(ApiException)) && type.Namespace!.StartsWith(client.Namespace!, StringComparison.Ordinal))
        .Select(type => type.Name).Order(StringComparer.Ordinal));

    public static async Task<string> RefusedAsync(Func<Task> ask, Func<ApiException, object?> code)
    {
        try
        {
            await ask();
            return "done";
        }
        catch (ApiException refused)
        {
            return $"{refused.ResponseStatusCode} {refused.GetType().Name} {code(refused)}";
        }
    }
}
