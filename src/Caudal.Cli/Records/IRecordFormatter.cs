using System.Buffers;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Records;

/// <summary>How a consumed record is shown.</summary>
internal interface IRecordFormatter
{
    /// <summary>Writes a record with whatever ends it.</summary>
    void Write(in RecordSource source, in RecordView record, IBufferWriter<byte> output);
}
