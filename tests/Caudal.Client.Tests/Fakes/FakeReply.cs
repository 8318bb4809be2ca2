using Caudal.Protocol;

namespace Caudal.Client.Tests.Fakes;

/// <summary>What a fake broker does about a request.</summary>
internal sealed record FakeReply(IKafkaMessage? Message, bool Disconnects = false)
{
    /// <summary>Cuts the connection instead of answering.</summary>
    public static FakeReply Disconnect { get; } = new(null, Disconnects: true);

    /// <summary>Never answers, and goes on with the next request.</summary>
    public static FakeReply Silence { get; } = new((IKafkaMessage?)null);
}
