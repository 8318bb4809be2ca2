import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;

/**
 * Writes message sets of magic 0 and 1 as Kafka's own classes encode them, and a record batch of magic 2 behind the last, as a segment has it
 * where a broker was upgraded: FOLDER/message-sets.bin. Beside it, FOLDER/message-sets.txt says what Kafka's classes read from them, one
 * record a line: offset, timestamp, timestamp type, key and value in hexadecimal digits or "null".
 *
 * Run from the project's folder with the jars of a Kafka 3.3 distribution, the last that writes all of them:
 * java -cp "$KAFKA_3_3/libs/*" java/GoldenMessageSets.java fixtures
 */
public final class GoldenMessageSets {
    private static final long TIME = 1_400_000_000_000L;

    public static void main(String[] args) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long offset = 5;
        for (byte magic = 0; magic <= 1; magic++) {
            for (CompressionType codec : new CompressionType[] {CompressionType.NONE, CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4}) {
                for (TimestampType type : new TimestampType[] {TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME}) {
                    if (magic > 0 || type == TimestampType.CREATE_TIME)
                        offset = write(out, magic, codec, magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE : type, offset, 7) + 3;
                }
            }
        }

        // A producer's compressed set, whose wrapper has not got its offset from a broker yet: one message, and its offset is 0.
        write(out, (byte) 1, CompressionType.GZIP, TimestampType.CREATE_TIME, 0, 1);
        write(out, (byte) 2, CompressionType.NONE, TimestampType.CREATE_TIME, offset, 3);
        Path folder = Path.of(args[0]);
        Files.write(folder.resolve("message-sets.bin"), out.toByteArray());
        StringBuilder lines = new StringBuilder();
        for (RecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(out.toByteArray())).batches()) {
            if (batch.magic() == RecordBatch.MAGIC_VALUE_V2)
                continue;
            for (Record record : batch) {
                lines.append(record.offset()).append(' ').append(record.timestamp()).append(' ')
                    .append(batch.timestampType() == TimestampType.LOG_APPEND_TIME ? "LogAppendTime" : "CreateTime")
                    .append(' ').append(hex(record.key())).append(' ').append(hex(record.value())).append('\n');
            }
        }

        Files.writeString(folder.resolve("message-sets.txt"), lines.toString());
    }

    private static long write(ByteArrayOutputStream out, byte magic, CompressionType codec, TimestampType type, long offset, int count)
            throws Exception {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
            ByteBuffer.allocate(1 << 16), magic, codec, type, offset, type == TimestampType.LOG_APPEND_TIME ? TIME + 99 : -1);
        for (int index = 0; index < count; index++) {
            byte[] key = index == 1 ? null : ("k" + index).getBytes(StandardCharsets.UTF_8);
            byte[] value = index == 2 ? null : "v".repeat(index * 40).getBytes(StandardCharsets.UTF_8);
            builder.appendWithOffset(offset + index, magic == 0 ? -1 : TIME + index * 13 % 31, key, value);
        }

        ByteBuffer bytes = builder.build().buffer();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.write(copy);
        return offset + count - 1;
    }

    private static String hex(ByteBuffer bytes) {
        if (bytes == null)
            return "null";
        StringBuilder text = new StringBuilder("x");
        while (bytes.hasRemaining())
            text.append(String.format("%02x", bytes.get()));
        return text.toString();
    }
}
