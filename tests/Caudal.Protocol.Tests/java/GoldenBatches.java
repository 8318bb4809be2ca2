import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/**
 * Writes record batches as Kafka's own classes encode them, one after the other, into one file. GoldenBatchTests.cs says the same records in C#.
 *
 * Run from the project's folder with the jars of a Kafka 4.3 distribution:
 * java -cp "$KAFKA_HOME/libs/*" java/GoldenBatches.java fixtures/golden-batches.bin
 */
public final class GoldenBatches {
    private static final long TIME = 1_700_000_000_000L;
    private static final ByteBufferOutputStream OUT = new ByteBufferOutputStream(1 << 20);

    public static void main(String[] args) throws IOException {
        fill(builder(Compression.NONE, TimestampType.CREATE_TIME, 0, -1, -1, (short) -1, -1, false, -1, -1), 0, 64, 1);
        fill(builder(Compression.NONE, TimestampType.CREATE_TIME, 64, -1, 4711, (short) 3, 2147483640, true, 5, -1), 64, 16, 1);
        fill(builder(Compression.NONE, TimestampType.LOG_APPEND_TIME, 80, TIME + 99, 4711, (short) 3, 8, false, 5, -1), 80, 8, 1);
        marker(88, new EndTransactionMarker(ControlRecordType.COMMIT, 17));
        marker(89, new EndTransactionMarker(ControlRecordType.ABORT, 18));
        fill(builder(Compression.NONE, TimestampType.CREATE_TIME, 90, -1, -1, (short) -1, -1, false, 6, TIME + 1000), 90, 4, 3);
        var empty = ByteBuffer.allocate(100);
        DefaultRecordBatch.writeEmptyHeader(
            empty, RecordBatch.MAGIC_VALUE_V2, 4712, (short) 1, 40, 110, 119, 6, TimestampType.CREATE_TIME, TIME, true, false);
        empty.flip();
        OUT.write(empty);
        fill(builder(Compression.gzip().build(), TimestampType.CREATE_TIME, 120, -1, -1, (short) -1, -1, false, 7, -1), 120, 32, 1);

        var all = OUT.buffer();
        all.flip();
        var bytes = new byte[all.remaining()];
        all.get(bytes);
        Files.write(Path.of(args[0]), bytes);
    }

    private static MemoryRecordsBuilder builder(
            Compression compression, TimestampType type, long baseOffset, long appendTime, long producerId, short epoch, int sequence,
            boolean transactional, int leaderEpoch, long deleteHorizon) {
        return new MemoryRecordsBuilder(
            new ByteBufferOutputStream(1 << 17), RecordBatch.MAGIC_VALUE_V2, compression, type, baseOffset, appendTime, producerId, epoch, sequence,
            transactional, false, leaderEpoch, 1 << 17, deleteHorizon);
    }

    private static void fill(MemoryRecordsBuilder builder, int first, int count, int step) {
        for (var number = first; number < first + count * step; number += step)
            builder.appendWithOffset(number, TIME + number * 37 % 101 - 50, key(number), value(number), headers(number));
        write(builder.build());
    }

    private static void marker(long offset, EndTransactionMarker marker) {
        write(MemoryRecords.withEndTransactionMarker(offset, TIME, 5, 4711, (short) 3, marker));
    }

    private static void write(MemoryRecords records) {
        OUT.write(records.buffer());
    }

    private static byte[] key(int number) {
        return number % 7 == 0 ? null : "k".repeat(number % 5).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] value(int number) {
        if (number % 11 == 0)
            return null;
        var value = new byte[number == 50 ? 20000 : number * number % 300];
        for (var index = 0; index < value.length; index++)
            value[index] = (byte) (number + index);
        return value;
    }

    private static Header[] headers(int number) {
        var headers = new Header[number % 4];
        for (var index = 0; index < headers.length; index++)
            headers[index] = new RecordHeader("größe-" + index, index == 1 ? null : new byte[index * 40]);
        return headers;
    }
}
