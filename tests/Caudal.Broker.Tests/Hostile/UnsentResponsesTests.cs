using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Broker.Tests.Hostile;

public sealed class UnsentResponsesTests
{
    [Fact]
    public async Task Over_the_limit_those_that_have_been_sending_longest_are_cut()
    {
        var unsent = new UnsentResponses(100, NullLogger.Instance);
        Stuck[] stuck = [new(), new(), new()];
        var sends = stuck.Select(connection => unsent.SendAsync(connection.Sending, connection, 40).AsTask()).ToArray();

        await Assert.ThrowsAsync<ConnectionException>(() => sends[0]);
        Assert.Equal([true, false, false], stuck.Select(connection => connection.IsCut));
        Assert.Equal(80, unsent.Bytes);
        stuck[1].Complete();
        stuck[2].Complete();
        await Task.WhenAll(sends[1], sends[2]);
        Assert.Equal(0, unsent.Bytes);
    }

    [Fact]
    public async Task A_single_response_may_be_larger_than_the_limit()
    {
        var unsent = new UnsentResponses(100, NullLogger.Instance);
        var slow = new Stuck();
        var sending = unsent.SendAsync(slow.Sending, slow, 1000).AsTask();

        Assert.False(slow.IsCut);
        slow.Complete();
        await sending;
    }

    [Fact]
    public async Task What_is_sent_at_once_is_not_counted()
    {
        var unsent = new UnsentResponses(1, NullLogger.Instance);
        await unsent.SendAsync(ValueTask.CompletedTask, new Stuck(), 1000);
        Assert.Equal(0, unsent.Bytes);
    }

    private sealed class Stuck : IFrameConnection
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask Sending => new(_sent.Task);

        public bool IsCut { get; private set; }

        public string RemoteName => "10.0.0.1:1000";

        public void Complete() => _sent.TrySetResult();

        public void Abort()
        {
            IsCut = true;
            _sent.TrySetException(new ConnectionException("cut"));
        }

        public ValueTask<ReceivedFrame?> ReceiveAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask SendAsync(FrameBuffer frame, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
