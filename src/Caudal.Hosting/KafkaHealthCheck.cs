using Caudal.Client;
using Caudal.Protocol;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Caudal.Hosting;

/// <summary>Asks the cluster who belongs to it. The registration's timeout limits how long that may take.</summary>
internal sealed class KafkaHealthCheck(KafkaClient client) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var cluster = await client.Admin.DescribeClusterAsync(cancellationToken).ConfigureAwait(false);
            var data = new Dictionary<string, object>
            {
                ["cluster"] = cluster.ClusterId,
                ["brokers"] = cluster.Brokers.Count,
                ["controller"] = cluster.ControllerId,
            };
            return cluster.Brokers.Count > 0
                ? HealthCheckResult.Healthy($"{cluster.Brokers.Count} brokers answer.", data)
                : new HealthCheckResult(context.Registration.FailureStatus, "The cluster names no brokers.", data: data);
        }
        catch (KafkaException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
