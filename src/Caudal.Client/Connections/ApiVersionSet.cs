using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Connections;

/// <summary>What one broker said it speaks, on one connection: versions by API, and the cluster's finalized features. Immutable.</summary>
internal sealed class ApiVersionSet
{
    private const int Keys = 128;

    private readonly string _broker;
    private readonly (short Min, short Max)[] _ranges = new (short, short)[Keys];

    public ApiVersionSet(string broker, ApiVersionsResponse response)
    {
        _broker = broker;
        Array.Fill(_ranges, ((short)0, (short)-1));
        foreach (var api in response.ApiKeys)
        {
            if ((uint)api.ApiKey < Keys)
                _ranges[api.ApiKey] = (api.MinVersion, api.MaxVersion);
        }

        foreach (var feature in response.FinalizedFeatures)
            FinalizedFeatures[feature.Name] = feature.MaxVersionLevel;
    }

    /// <summary>The finalized level of each feature, e.g. <c>group.version</c>; empty on brokers that do not tell.</summary>
    public Dictionary<string, short> FinalizedFeatures { get; } = [];

    /// <summary>Whether the broker serves the API in any version.</summary>
    public bool Supports(ApiKey key) => (uint)key < Keys && _ranges[(int)key].Max >= 0;

    /// <summary>The highest version that both sides speak.</summary>
    /// <param name="cap">A version above which the caller does not want to go.</param>
    /// <exception cref="UnsupportedVersionException">There is none.</exception>
    public short Choose<TRequest, TResponse>(short cap = short.MaxValue)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse> =>
        Choose(TRequest.ApiKey, TRequest.MinVersion, Math.Min(TRequest.MaxVersion, cap));

    private short Choose(ApiKey key, short min, short max)
    {
        var range = (uint)key < Keys ? _ranges[(int)key] : ((short)0, (short)-1);
        var version = Math.Min(max, range.Item2);
        if (version >= Math.Max(min, range.Item1))
            return version;
        var theirs = range.Item2 < 0 ? "does not serve it" : $"serves versions {range.Item1} to {range.Item2}";
        throw new UnsupportedVersionException(
            $"{key} cannot be asked of the broker {_broker}: it {theirs}, this client needs {min} to {max}. "
            + "Brokers from Apache Kafka 2.4 on are supported.");
    }
}
