namespace Caudal.Client.Groups;

/// <summary>Whom a membership tells what the group decided: the consumer.</summary>
internal interface IGroupUser : IPollClock
{
    /// <summary>The topics that are subscribed to now.</summary>
    IReadOnlyList<string> Topics { get; }

    /// <summary>Waits until the user asks for records, which shows that somebody would process them.</summary>
    ValueTask WaitUntilAskedAsync(CancellationToken cancellationToken);

    /// <summary>Looks up which topics a subscribed pattern matches now, if it is one; <see cref="Topics"/> has them then.</summary>
    /// <exception cref="Caudal.Protocol.KafkaException">The topics cannot be looked up.</exception>
    ValueTask ResolveTopicsAsync(CancellationToken cancellationToken);

    /// <summary>Takes partitions over, in addition to those that it has.</summary>
    ValueTask AssignAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken);

    /// <summary>Gives partitions up, or all if null, once the user is done with what was handed out, committing it.</summary>
    /// <returns>False if the user took too long: all partitions were lost then.</returns>
    ValueTask<bool> RevokeAsync(IReadOnlyList<TopicPartition>? partitions, CancellationToken cancellationToken);

    /// <summary>Gives everything up at once: it belongs to others already.</summary>
    ValueTask LoseAsync(CancellationToken cancellationToken);

    /// <summary>Ends with an error that waiting does not heal.</summary>
    void Fail(Exception error);
}
