using Caudal.Client;
using Caudal.Protocol;

namespace Caudal.Cli.Cluster;

/// <summary>What a broker said, for commands that show it as it is.</summary>
internal static class BrokerErrors
{
    /// <summary>Whether the broker refused with this code.</summary>
    public static bool Is(this KafkaException? error, ErrorCode code) => error is BrokerErrorException refused && refused.Code == code;

    /// <summary>The broker's own words, or the meaning of its code.</summary>
    public static string Words(this KafkaException error) =>
        error is BrokerErrorException refused ? refused.BrokerMessage ?? refused.Code.Info().Meaning : error.Message;
}
