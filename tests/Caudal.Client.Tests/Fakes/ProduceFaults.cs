using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Fakes;

/// <summary>Scripts for produce requests: each entry answers one, in their order; when they are used up the cluster answers.</summary>
internal static class ProduceFaults
{
    public static FakeReply? Well(FakeCall call) => null;

    public static FakeReply? LoseRequest(FakeCall call) => FakeReply.Disconnect;

    public static FakeReply? LoseAnswer(FakeCall call)
    {
        call.Broker.Answer(call);
        return FakeReply.Disconnect;
    }

    /// <summary>Refuses every partition of the request.</summary>
    public static Func<FakeCall, FakeReply?> Error(ErrorCode error) => call => new FakeReply(new ProduceResponse
    {
        Responses =
        [
            .. call.Read<ProduceRequest>().TopicData.Select(topic => new ProduceResponse.TopicProduceResponse
            {
                Name = topic.Name,
                PartitionResponses =
                [
                    .. topic.PartitionData.Select(
                        data => new ProduceResponse.PartitionProduceResponse
                        {
                            Index = data.Index,
                            ErrorCode = (short)error,
                            BaseOffset = -1,
                        }),
                ],
            }),
        ],
    });

    /// <summary>Answers produce requests by a list.</summary>
    public static Func<FakeCall, ValueTask<FakeReply?>> Sequence(params Func<FakeCall, FakeReply?>[] answers)
    {
        var next = -1;
        return call => ValueTask.FromResult(
            call.Key == ApiKey.Produce && Interlocked.Increment(ref next) is var turn && turn < answers.Length
                ? answers[turn](call)
                : null);
    }
}
