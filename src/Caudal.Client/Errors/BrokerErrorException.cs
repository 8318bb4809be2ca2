using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A broker refused a request, or a part of it, with an error code.</summary>
public sealed class BrokerErrorException : KafkaException
{
    /// <summary>Creates an error from a code.</summary>
    /// <param name="code">The broker's code.</param>
    /// <param name="what">What failed and on what, e.g. <c>Producing to orders-3 failed</c>.</param>
    /// <param name="brokerMessage">The broker's own words, if it sent any.</param>
    /// <param name="topic">The topic concerned.</param>
    /// <param name="partition">The partition concerned.</param>
    public BrokerErrorException(ErrorCode code, string what, string? brokerMessage = null, string? topic = null, int? partition = null)
        : base(Describe(code, what, brokerMessage))
    {
        Code = code;
        BrokerMessage = string.IsNullOrWhiteSpace(brokerMessage) ? null : brokerMessage;
        Topic = topic;
        Partition = partition;
    }

    /// <summary>The broker's code. Codes that are not known here keep their number.</summary>
    public ErrorCode Code { get; }

    /// <summary>The broker's own words, if it sent any.</summary>
    public string? BrokerMessage { get; }

    /// <summary>The topic concerned, if it was one.</summary>
    public string? Topic { get; }

    /// <summary>The partition concerned, if it was one.</summary>
    public int? Partition { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => Code.IsRetriable();

    private static string Describe(ErrorCode code, string what, string? brokerMessage)
    {
        var info = code.Info();
        var reason = string.IsNullOrWhiteSpace(brokerMessage) ? info.Meaning : brokerMessage;
        return $"{what}: {info.Name} ({(short)code}). {reason} {info.Remedy}";
    }
}
