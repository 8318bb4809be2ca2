namespace Caudal.Compression;

/// <summary>Keeps a few idle codec contexts, which are dear to make. Thread safe, without locks; what does not fit is disposed.</summary>
internal sealed class ContextPool<T>(Func<T> create)
    where T : class
{
    private readonly T?[] _idle = new T?[Math.Max(4, Environment.ProcessorCount * 2)];

    /// <summary>An idle context, or a new one. Nobody else holds it until it is returned.</summary>
    public T Rent()
    {
        foreach (ref var slot in _idle.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } context)
                return context;
        }

        return create();
    }

    public void Return(T context)
    {
        foreach (ref var slot in _idle.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, context, null) is null)
                return;
        }

        (context as IDisposable)?.Dispose();
    }
}
