using System.Reflection;
using Caudal.Broker.Answers;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Answers;

public class ErrorAnswersTests
{
    [Fact]
    public async Task Every_api_that_is_served_can_be_answered_with_an_error()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var served = await client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });

        Assert.Empty(served.ApiKeys.Select(k => (ApiKey)k.ApiKey).Except(ErrorAnswers.Keys));
    }

    public static TheoryData<ApiKey> Keys => [.. ErrorAnswers.Keys];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Answers_are_well_formed_in_every_version(ApiKey key)
    {
        var request = typeof(ProduceRequest).Assembly.GetType($"Caudal.Protocol.Messages.{key}Request")!;
        var response = typeof(ProduceRequest).Assembly.GetType($"Caudal.Protocol.Messages.{key}Response")!;

        typeof(ErrorAnswersTests)
            .GetMethod(nameof(CheckAllVersions), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(request, response)
            .Invoke(null, [key]);
    }

    private static void CheckAllVersions<TRequest, TResponse>(ApiKey key)
        where TRequest : IKafkaRequest<TRequest, TResponse>, new()
        where TResponse : IKafkaMessage<TResponse>
    {
        var answer = ErrorAnswers.Find<TRequest, TResponse>(key);
        Assert.NotNull(answer);
        for (var version = TRequest.MinVersion; version <= TRequest.MaxVersion; version++)
        {
            var failed = answer.Fail(Requests.Filled<TRequest>(version), version, ErrorCode.UnknownServerError);
            using var frame = new FrameBuffer();
            var writer = new KafkaWriter(frame);
            failed.Write(ref writer, version);
            writer.Flush();
            var bytes = new byte[frame.Length];
            frame.CopyTo(bytes);
            var reader = new KafkaReader(bytes);
            TResponse.Read(ref reader, version);
            Assert.Equal(0, reader.Remaining);
            // −1 as an int16: the error is in there, but where a version has no place for it.
            Assert.True(
                bytes.AsSpan().IndexOf([(byte)0xff, (byte)0xff]) >= 0 || (key, version) is (ApiKey.DescribeLogDirs, < 3),
                $"{key} version {version} says no error.");
        }
    }
}
