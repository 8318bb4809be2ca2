using System.CommandLine;
using Caudal.Compression;

namespace Caudal.Cli.Cluster;

/// <summary>Codecs on command lines.</summary>
internal static class Codecs
{
    /// <summary>Lets an option take the names of codecs only.</summary>
    public static Option<string> AcceptCodecs(this Option<string> option)
    {
        option.AcceptOnlyFromAmong("none", "gzip", "snappy", "lz4", "zstd");
        return option;
    }

    /// <summary>Reads a codec's name.</summary>
    /// <exception cref="CommandException">There is none of that name.</exception>
    public static CompressionType Parse(string name) => CompressionTypes.TryParse(name, out var codec)
        ? codec
        : throw new CommandException($"there is no codec '{name}'. Use none, gzip, snappy, lz4 or zstd.", CaudalCommand.WrongUse);
}
