using System.Text.RegularExpressions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Transactions;

/// <content>DescribeTransactions and ListTransactions: what administrators ask about transactions.</content>
internal sealed partial class TransactionCoordinator
{
    /// <summary>Describes transactional ids.</summary>
    public DescribeTransactionsResponse Describe(DescribeTransactionsRequest request)
    {
        lock (_gate)
            return new DescribeTransactionsResponse { TransactionStates = Array.ConvertAll(request.TransactionalIds, Describe_UnderLock) };
    }

    /// <summary>Lists transactional ids, those of certain states, producers, ages or names if asked for.</summary>
    public ListTransactionsResponse List(ListTransactionsRequest request)
    {
        var states = new HashSet<TransactionState>();
        var unknown = new List<string>();
        foreach (var name in request.StateFilters)
        {
            if (Enum.TryParse<TransactionState>(name, out var state) && state.ToString() == name)
                states.Add(state);
            else
                unknown.Add(name);
        }

        if (!TryParsePattern(request.TransactionalIdPattern, out var pattern))
            return new ListTransactionsResponse { ErrorCode = (short)ErrorCode.InvalidRegularExpression };
        var listed = new List<ListTransactionsResponse.TransactionStateData>();
        lock (_gate)
        {
            if (_isStopped)
                return new ListTransactionsResponse { ErrorCode = (short)ErrorCode.CoordinatorNotAvailable };
            var now = NowMs;
            foreach (var id in _ids.Values)
            {
                var status = id.Status;
                var passes = (request.StateFilters.Length == 0 || states.Contains(status.State))
                    && (request.ProducerIdFilters.Length == 0 || request.ProducerIdFilters.Contains(status.ProducerId))
                    && (request.DurationFilter < 0 || now - status.StartMs > request.DurationFilter)
                    && (pattern is null || pattern.IsMatch(id.Id));
                if (passes)
                {
                    listed.Add(new()
                    {
                        TransactionalId = id.Id,
                        ProducerId = status.ProducerId,
                        TransactionState = status.State.ToString(),
                    });
                }
            }
        }

        return new ListTransactionsResponse { UnknownStateFilters = [.. unknown], TransactionStates = [.. listed] };
    }

    // Kafka's patterns are RE2's: no look-around, no back references, so that none takes forever. That is what this engine refuses, too.
    private static bool TryParsePattern(string? text, out Regex? pattern)
    {
        pattern = null;
        if (string.IsNullOrEmpty(text))
            return true;
        try
        {
            pattern = new Regex($@"\A(?:{text})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private DescribeTransactionsResponse.TransactionStateData Describe_UnderLock(string transactionalId)
    {
        var error = _isStopped ? ErrorCode.CoordinatorNotAvailable
            : transactionalId.Length == 0 ? ErrorCode.InvalidRequest
            : ErrorCode.TransactionalIdNotFound;
        if (_isStopped || !_ids.TryGetValue(transactionalId, out var id))
            return new() { TransactionalId = transactionalId, ErrorCode = (short)error, TransactionState = "" };
        var status = id.Status;
        return new()
        {
            TransactionalId = transactionalId,
            TransactionState = status.State.ToString(),
            TransactionTimeoutMs = status.TimeoutMs,
            TransactionStartTimeMs = status.StartMs,
            ProducerId = status.ProducerId,
            ProducerEpoch = status.Epoch,
            Topics = [.. status.Partitions.GroupBy(static p => p.Topic).Select(static topic => new DescribeTransactionsResponse.TopicData
            {
                Topic = topic.Key,
                Partitions = [.. topic.Select(static p => p.Partition).Order()],
            })],
        };
    }
}
