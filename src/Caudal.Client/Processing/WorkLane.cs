namespace Caudal.Client.Processing;

/// <summary>Records that run one after another. It exists while one of them is ready or running.</summary>
internal sealed class WorkLane<TRecord>(int key)
{
    public int Key => key;

    /// <summary>Those that wait for the one before them.</summary>
    public Queue<WorkItem<TRecord>> Waiting { get; } = new();
}
