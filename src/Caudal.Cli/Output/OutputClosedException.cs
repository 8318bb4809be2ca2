namespace Caudal.Cli.Output;

/// <summary>Standard output was closed by its reader, e.g. <c>head</c>: there is nothing left to do.</summary>
internal sealed class OutputClosedException(IOException cause) : Exception("Standard output was closed.", cause);
