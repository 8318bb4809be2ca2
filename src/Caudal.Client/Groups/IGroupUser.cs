namespace Caudal.Client.Groups;

/// <summary>Whom a membership tells what the group decided: the consumer.</summary>
internal interface IGroupUser : IPollClock
{
    /// <summary>The topics that are subscribed to now.</summary>
    IReadOnlyList<string> Topics { get; }

    /// <summary>Waits until the user asks for records, which shows that somebody would process them.</summary>
    ValueTask WaitUntilAskedAsync(CancellationToken cancellationToken);

    /// <summary>Takes partitions over.</summary>
    ValueTask AssignAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken);

    /// <summary>Gives everything up once the user is done with what was handed out, committing it.</summary>
    /// <returns>False if the user took too long: the partitions were lost then.</returns>
    ValueTask<bool> RevokeAsync(CancellationToken cancellationToken);

    /// <summary>Gives everything up at once: it belongs to others already.</summary>
    ValueTask LoseAsync(CancellationToken cancellationToken);

    /// <summary>Ends with an error that waiting does not heal.</summary>
    void Fail(Exception error);
}
