using System.Buffers;
using System.Text;
using Caudal.Cli.Output;
using Caudal.Cli.Records;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Kafka;

/// <summary>Shows records byte for byte as Kafka's <c>DefaultMessageFormatter</c>, by the same properties.</summary>
internal sealed class KafkaRecordFormatter : IRecordFormatter
{
    private bool _timestamp;
    private bool _partition;
    private bool _offset;
    private bool _epoch;
    private bool _headers;
    private bool _key;
    private bool _value = true;
    private byte[] _separator = "\t"u8.ToArray();
    private byte[] _lineSeparator = "\n"u8.ToArray();
    private byte[] _headersSeparator = ","u8.ToArray();
    private byte[] _null = "null"u8.ToArray();
    private KafkaDeserializer _keys = KafkaDeserializers.Raw;
    private KafkaDeserializer _values = KafkaDeserializers.Raw;
    private KafkaDeserializer _headerValues = KafkaDeserializers.Raw;

    /// <summary>Sets one of the formatter's properties.</summary>
    /// <exception cref="CommandException">There is no such property, or the value is not one.</exception>
    public void Set(string name, string value)
    {
        switch (name)
        {
            case "print.timestamp": _timestamp = Truth(name, value); break;
            case "print.partition": _partition = Truth(name, value); break;
            case "print.offset": _offset = Truth(name, value); break;
            case "print.epoch": _epoch = Truth(name, value); break;
            case "print.headers": _headers = Truth(name, value); break;
            case "print.key": _key = Truth(name, value); break;
            case "print.value": _value = Truth(name, value); break;
            case "key.separator": _separator = Encoding.UTF8.GetBytes(value); break;
            case "line.separator": _lineSeparator = Encoding.UTF8.GetBytes(value); break;
            case "headers.separator": _headersSeparator = Encoding.UTF8.GetBytes(value); break;
            case "null.literal": _null = Encoding.UTF8.GetBytes(value); break;
            case "key.deserializer": _keys = KafkaDeserializers.Find(value); break;
            case "value.deserializer": _values = KafkaDeserializers.Find(value); break;
            case "headers.deserializer" or "header.deserializer": _headerValues = KafkaDeserializers.Find(value); break;
            default:
                throw new CommandException(
                    $"the formatter property '{name}' is not supported. Known are print.timestamp, print.partition, print.offset, " +
                    "print.epoch, print.headers, print.key, print.value, " +
                    "key.separator, line.separator, headers.separator, null.literal, key.deserializer, value.deserializer and " +
                    "headers.deserializer.",
                    CaudalCommand.WrongUse);
        }
    }

    /// <inheritdoc/>
    public void Write(in RecordSource source, in RecordView record, IBufferWriter<byte> output)
    {
        var line = new Line(output, _separator);
        if (_timestamp)
        {
            line.Next();
            WriteTimestamp(source.TimestampType, record.Timestamp, output);
        }

        if (_partition)
            line.Number("Partition:"u8, source.Partition);
        if (_offset)
            line.Number("Offset:"u8, record.Offset);
        if (_epoch)
        {
            // Kafka's console consumer does not hand the epoch of a record to its formatter.
            line.Next();
            output.Write("Epoch:NOT_PRESENT"u8);
        }

        if (_headers)
        {
            line.Next();
            WriteHeaders(record, output);
        }

        if (_key)
        {
            line.Next();
            WriteBytes(_keys, record.Key, record.IsKeyNull, output);
        }

        if (_value)
        {
            line.Next();
            WriteBytes(_values, record.Value, record.IsValueNull, output);
        }

        if (!line.IsEmpty)
            output.Write(_lineSeparator);
    }

    private static bool Truth(string name, string value) => value.Trim().ToUpperInvariant() switch
    {
        "TRUE" => true,
        "FALSE" => false,
        _ => throw new CommandException($"the formatter property '{name}' is true or false, not '{value}'.", CaudalCommand.WrongUse),
    };

    private static void WriteTimestamp(TimestampType type, long timestamp, IBufferWriter<byte> output)
    {
        if (timestamp < 0)
        {
            output.Write("NO_TIMESTAMP"u8);
            return;
        }

        output.Write(type == TimestampType.LogAppendTime ? "LogAppendTime:"u8 : "CreateTime:"u8);
        output.WriteNumber(timestamp);
    }

    private void WriteHeaders(in RecordView record, IBufferWriter<byte> output)
    {
        if (record.HeaderCount == 0)
            output.Write("NO_HEADERS"u8);
        var isFirst = true;
        foreach (var header in record.Headers)
        {
            if (!isFirst)
                output.Write(_headersSeparator);
            isFirst = false;
            output.Write(header.Key);
            output.Write(":"u8);
            WriteBytes(_headerValues, header.Value, header.IsValueNull, output);
        }
    }

    private void WriteBytes(KafkaDeserializer deserializer, ReadOnlySpan<byte> data, bool isNull, IBufferWriter<byte> output)
    {
        if (isNull)
            output.Write(_null);
        else
            deserializer(data, output);
    }

    /// <summary>Puts the separator between fields.</summary>
    private ref struct Line(IBufferWriter<byte> output, ReadOnlySpan<byte> separator)
    {
        private readonly ReadOnlySpan<byte> _separator = separator;

        public bool IsEmpty { get; private set; } = true;

        public void Next()
        {
            if (!IsEmpty)
                output.Write(_separator);
            IsEmpty = false;
        }

        public void Number(ReadOnlySpan<byte> label, long number)
        {
            Next();
            output.Write(label);
            output.WriteNumber(number);
        }
    }
}
