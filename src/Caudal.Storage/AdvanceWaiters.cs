using System.Buffers;

namespace Caudal.Storage;

/// <summary>Callbacks that wait for a log to move. Safe from any thread; nothing is called under the lock.</summary>
internal sealed class AdvanceWaiters
{
    private readonly Lock _lock = new();
    private Registration[] _registrations = [];
    private int _count;

    internal IDisposable Add(Action callback)
    {
        var registration = new Registration(this, callback);
        lock (_lock)
        {
            if (_count == _registrations.Length)
                Array.Resize(ref _registrations, Math.Max(4, _count * 2));
            registration.Index = _count;
            _registrations[_count] = registration;
            Volatile.Write(ref _count, _count + 1);
        }

        return registration;
    }

    internal void Notify()
    {
        if (Volatile.Read(ref _count) == 0)
            return;
        Registration[] copy;
        int count;
        lock (_lock)
        {
            count = _count;
            copy = ArrayPool<Registration>.Shared.Rent(count);
            _registrations.AsSpan(0, count).CopyTo(copy);
        }

        for (var i = 0; i < count; i++)
            copy[i].Callback();
        ArrayPool<Registration>.Shared.Return(copy, clearArray: true);
    }

    private void Remove(Registration registration)
    {
        lock (_lock)
        {
            var index = registration.Index;
            if (index < 0)
                return;
            registration.Index = -1;
            var last = _registrations[--_count];
            _registrations[_count] = null!;
            if (last != registration)
            {
                _registrations[index] = last;
                last.Index = index;
            }
        }
    }

    private sealed class Registration(AdvanceWaiters owner, Action callback) : IDisposable
    {
        internal Action Callback { get; } = callback;

        internal int Index { get; set; } = -1;

        public void Dispose() => owner.Remove(this);
    }
}
