namespace Caudal.Storage;

/// <summary>Who appends: it decides what a batch may hold.</summary>
public enum AppendOrigin
{
    /// <summary>A producer: exactly one batch, no control records, sequence numbers are checked.</summary>
    Client,

    /// <summary>
    /// The broker's own coordinators: one or more batches, control records allowed, no limit from <see cref="LogConfig.MaxMessageBytes"/>.
    /// </summary>
    Coordinator,
}
