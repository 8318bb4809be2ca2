using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenTelemetry.Metrics;
using Orders.Model;

namespace Orders.Http;

/// <summary>The web server: endpoints, metrics for Prometheus and the OpenAPI document.</summary>
internal sealed class WebFront : IAsyncDisposable
{
    private readonly WebApplication _web;

    private WebFront(WebApplication web, Uri address)
    {
        _web = web;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<WebFront> StartAsync(
        OrdersOptions options,
        Action<IEndpointRouteBuilder> map,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(System.Net.IPAddress.Loopback, options.HttpPort);
            // Bodies are counted where they are read, so that the answer is a problem document.
            server.Limits.MaxRequestBodySize = null;
        });
        // Signals are the command's affair.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OrdersJson.Default));
        builder.Services.AddOpenApi();
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(OrderMetrics.MeterName).AddMeter("Caudal.*").AddPrometheusExporter());
        var web = builder.Build();
        // Routing answers unknown paths, methods and content types with a bare status: this gives them a problem document.
        web.UseStatusCodePages();
        web.MapOpenApi();
        web.MapPrometheusScrapingEndpoint("/metrics");
        map(web);
        try
        {
            await web.StartAsync(cancellationToken);
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }

        var address = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new WebFront(web, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
