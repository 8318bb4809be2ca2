import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Kafka's side of the protocol's figures, by its own generated classes: one line a work, its name and the ns that it takes.
 * ProtocolSide.cs does the same work. java -cp "KAFKA_4_3/*" ProtocolSide.java MILLISECONDS
 */
public final class ProtocolSide {
    private static final int RECORDS = 1000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static long span;
    private static boolean printed;
    private static volatile long result;
    private static long sink;

    public static void main(String[] args) {
        // Once for the compiler, which works beside us and takes its time on a busy machine; the second pass counts.
        pass(1_000_000_000L, false);
        pass(Long.parseLong(args[0]) * 1_000_000L, true);
    }

    private static void pass(long nanoseconds, boolean isPrinted) {
        span = nanoseconds;
        printed = isPrinted;
        messages("ProduceRequest 9", produce(), (short) 9, b -> new ProduceRequestData(new ByteBufferAccessor(b), (short) 9));
        messages("FetchResponse 12", fetched(), (short) 12, b -> new FetchResponseData(new ByteBufferAccessor(b), (short) 12));
        messages("MetadataResponse 12", described(), (short) 12, b -> new MetadataResponseData(new ByteBufferAccessor(b), (short) 12));
        messages("OffsetCommitRequest 8", commit(), (short) 8, b -> new OffsetCommitRequestData(new ByteBufferAccessor(b), (short) 8));
        messages("HeartbeatRequest 4", new HeartbeatRequestData().setGroupId("group").setGenerationId(7).setMemberId("member-1"), (short) 4,
            b -> new HeartbeatRequestData(new ByteBufferAccessor(b), (short) 4));
        byte[] key = {1, 2, 3, 4};
        byte[] value = new byte[100];
        ByteBuffer room = ByteBuffer.allocate(256 * 1024);
        measure("write records", RECORDS, () -> sink += write(room, key, value).sizeInBytes());
        MemoryRecords records = write(room, key, value);
        measure("read records", RECORDS, () -> {
            for (MutableRecordBatch batch : records.batches()) {
                batch.ensureValid();
                for (Record record : batch)
                    sink += record.offset() + record.keySize() + record.valueSize();
            }
        });
    }

    private static MemoryRecords write(ByteBuffer room, byte[] key, byte[] value) {
        room.clear();
        MemoryRecordsBuilder builder =
            MemoryRecords.builder(room, RecordBatch.MAGIC_VALUE_V2, Compression.NONE, TimestampType.CREATE_TIME, 0L);
        for (int index = 0; index < RECORDS; index++)
            builder.append(1_700_000_000_000L + index, key, value);
        return builder.build();
    }

    private static void messages(String name, Message message, short version, Function<ByteBuffer, Message> read) {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        measure("encode " + name, 1, () -> {
            buffer.clear();
            ObjectSerializationCache cache = new ObjectSerializationCache();
            buffer.putInt(message.size(cache, version));
            message.write(new ByteBufferAccessor(buffer), cache, version);
            sink += buffer.position();
        });
        buffer.flip();
        buffer.getInt();
        ByteBuffer bytes = buffer.slice();
        measure("decode " + name, 1, () -> {
            ByteBuffer again = bytes.duplicate();
            sink += read.apply(again) == null ? 0 : again.position();
        });
    }

    // The processor's time of this thread: that of the process counts ticks of 10 ms. The collector's threads work for nothing here.
    private static void measure(String name, int divisor, Runnable action) {
        // Three rounds are warm-up, the median of five counts: in the best one nobody would have collected garbage.
        double[] rounds = new double[5];
        for (int round = 0; round < 8; round++) {
            long since = THREADS.getCurrentThreadCpuTime();
            long count = 0;
            long elapsed;
            int chunk = 16;
            do {
                for (int index = 0; index < chunk; index++)
                    action.run();
                count += chunk;
                chunk = Math.min(2 * chunk, 4096);
                elapsed = THREADS.getCurrentThreadCpuTime() - since;
            } while (elapsed < span / 5);
            if (round >= 3)
                rounds[round - 3] = (double) elapsed / count / divisor;
        }

        result = sink;
        java.util.Arrays.sort(rounds);
        if (printed)
            System.out.printf(java.util.Locale.ROOT, "%s\t%.2f%n", name, rounds[rounds.length / 2]);
    }

    private static <T> List<T> many(int count, IntFunction<T> make) {
        List<T> items = new ArrayList<>();
        for (int index = 0; index < count; index++)
            items.add(make.apply(index));
        return items;
    }

    private static MemoryRecords some() {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(new byte[1000]));
    }

    private static Message produce() {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000);
        for (int topic = 0; topic < 3; topic++)
            data.topicData().add(new ProduceRequestData.TopicProduceData().setName("topic-" + topic).setPartitionData(
                many(4, p -> new ProduceRequestData.PartitionProduceData().setIndex(p).setRecords(some()))));
        return data;
    }

    private static Message fetched() {
        return new FetchResponseData().setResponses(many(3, t -> new FetchResponseData.FetchableTopicResponse().setTopic("topic-" + t)
            .setPartitions(many(4, p -> new FetchResponseData.PartitionData()
                .setPartitionIndex(p).setHighWatermark(42).setRecords(some())))));
    }

    private static Message described() {
        MetadataResponseData data = new MetadataResponseData().setClusterId("cluster");
        for (int broker = 0; broker < 3; broker++)
            data.brokers().add(new MetadataResponseData.MetadataResponseBroker().setNodeId(broker).setHost("127.0.0.1").setPort(9092));
        for (int topic = 0; topic < 10; topic++)
            data.topics().add(new MetadataResponseData.MetadataResponseTopic().setName("topic-" + topic).setTopicId(new Uuid(topic + 1, 7))
                .setPartitions(many(10, p -> new MetadataResponseData.MetadataResponsePartition().setPartitionIndex(p)
                    .setReplicaNodes(List.of(0, 1, 2)).setIsrNodes(List.of(0, 1, 2)))));
        return data;
    }

    private static Message commit() {
        return new OffsetCommitRequestData().setGroupId("group").setMemberId("member-1").setTopics(many(3,
            t -> new OffsetCommitRequestData.OffsetCommitRequestTopic().setName("topic-" + t).setPartitions(many(10,
                p -> new OffsetCommitRequestData.OffsetCommitRequestPartition().setPartitionIndex(p).setCommittedOffset(42)))));
    }
}
