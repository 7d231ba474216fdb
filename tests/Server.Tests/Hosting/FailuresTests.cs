using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Hosting;

[SqliteOnly]
public sealed class FailuresTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_after_the_answer_has_started_breaks_it_off_and_adds_nothing_to_it(bool isExpected)
    {
        await using var web = await StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            throw isExpected ? new BadHttpRequestException("late") : new InvalidOperationException();
        });
        using var client = new HttpClient();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync(Url(web), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true, "early")]
    [InlineData(false, "unexpected")]
    public async Task An_exception_before_is_answered(bool isExpected, string answer)
    {
        await using var web = await StartAsync(_ =>
            throw (isExpected ? new BadHttpRequestException("early") : new InvalidOperationException()));
        using var client = new HttpClient();

        Assert.Equal(answer, await client.GetStringAsync(Url(web), TestContext.Current.CancellationToken));
    }

    private static async Task<WebApplication> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        web.Run(context => Failures.AnswerAsync(context, NullLogger.Instance, answer,
            e => e is BadHttpRequestException ? e.Message : null, "unexpected", (context, error) => context.Response.WriteAsync(error)));
        await web.StartAsync(TestContext.Current.CancellationToken);
        return web;
    }

    private static string Url(WebApplication web) =>
        web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
