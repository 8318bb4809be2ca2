import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Prints every message of every API, those that are not known here yet too, in every version, as Kafka's own classes encode it: one
 * line of name, version and hexadecimal bytes. Every field holds the same value for its type, and every array one element; what a version
 * does not have stays at its default.
 * GoldenMessageTests.cs fills its messages in the same way.
 *
 * Run from the project's folder with the jars of two Kafka distributions: 4.3, and 3.3 for the versions that 4.3 no longer has:
 * (java -cp "$KAFKA_4_3/libs/*" java/GoldenMessages.java; java -cp "$KAFKA_3_3/libs/*" java/GoldenMessages.java) \
 *   | LC_ALL=C sort -k1,1 -k2,2n -s -u | gzip -9n > fixtures/golden-messages.txt.gz
 */
public final class GoldenMessages {
    private static final List<String> RECORDS = List.of(
        "group.generated.OffsetCommitKey", "group.generated.OffsetCommitValue",
        "group.generated.GroupMetadataKey", "group.generated.GroupMetadataValue",
        "transaction.generated.TransactionLogKey", "transaction.generated.TransactionLogValue");

    public static void main(String[] args) throws Exception {
        for (ApiMessageType api : ApiMessageType.values()) {
            try {
                print(api.newRequest().getClass());
                print(api.newResponse().getClass());
            } catch (UnsupportedVersionException gone) {
                // 4.3 keeps the numbers of APIs that have no version any more.
            }
        }

        print(Class.forName("org.apache.kafka.common.message.RequestHeaderData"));
        print(Class.forName("org.apache.kafka.common.message.ResponseHeaderData"));
        print(Class.forName("org.apache.kafka.common.message.ConsumerProtocolSubscription"));
        print(Class.forName("org.apache.kafka.common.message.ConsumerProtocolAssignment"));
        for (String record : RECORDS) {
            try {
                print(Class.forName("org.apache.kafka.coordinator." + record));
            } catch (ClassNotFoundException missing) {
                // 3.3 keeps them elsewhere, in the same versions.
            }
        }
    }

    private static void print(Class<?> type) throws Exception {
        Message probe = (Message) type.getDeclaredConstructor().newInstance();
        for (short version = probe.lowestSupportedVersion(); version <= probe.highestSupportedVersion(); version++) {
            Message message = (Message) type.getDeclaredConstructor().newInstance();
            fill(message, message, version);
            String name = type.getSimpleName().replaceAll("Data$", "");
            System.out.println(name + " " + version + " " + HexFormat.of().formatHex(encode(message, version)));
        }
    }

    private static void fill(Message root, Object target, short version) throws Exception {
        for (Field field : target.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.getName().startsWith("_") || isLink(field))
                continue;
            field.setAccessible(true);
            Object before = field.get(target);
            Object value = value(field.getGenericType());
            field.set(target, value);
            if (!fits(root, version)) {
                field.set(target, before);
                continue;
            }

            if (value instanceof Collection<?> items) {
                Object item = items.iterator().next();
                if (item instanceof Message)
                    fill(root, item, version);
            } else if (value instanceof Message) {
                fill(root, value, version);
            }
        }
    }

    // Unsigned numbers of 32 bits do not hold the values of the wider Java type, so they stay at their default.
    // Elements of Kafka's hash collections carry their place in them.
    private static boolean isLink(Field field) {
        return field.getName().equals("prev") || field.getName().equals("next");
    }

    private static boolean fits(Message root, short version) {
        try {
            encode(root, version);
            return true;
        } catch (RuntimeException refused) {
            return false;
        }
    }

    private static byte[] encode(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object value(Type type) throws Exception {
        if (type instanceof ParameterizedType list) {
            List<Object> items = new ArrayList<>();
            items.add(value(list.getActualTypeArguments()[0]));
            return items;
        }

        Class<?> raw = (Class<?>) type;
        if (raw == boolean.class)
            return true;
        if (raw == byte.class || raw == Byte.class)
            return (byte) 3;
        if (raw == short.class || raw == Short.class)
            return (short) 517;
        if (raw == int.class || raw == Integer.class)
            return 67_305_985;
        if (raw == long.class || raw == Long.class)
            return 578_437_695_752_307_201L;
        if (raw == double.class)
            return 0.75;
        if (raw == String.class)
            return "größe";
        if (raw == Uuid.class)
            return new Uuid(5, 6);
        if (raw == byte[].class)
            return new byte[] {7, 8, 9};
        if (raw == ByteBuffer.class)
            return ByteBuffer.wrap(new byte[] {7, 8, 9});
        if (raw.getSimpleName().equals("BaseRecords"))
            return records();
        Object result = raw.getDeclaredConstructor().newInstance();
        for (Field field : raw.getDeclaredFields()) {
            // Records begin as null, also where a version has no null.
            if (field.getType().getSimpleName().equals("BaseRecords")) {
                field.setAccessible(true);
                field.set(result, records());
            }
        }

        if (result instanceof Collection items) {
            ParameterizedType parent = (ParameterizedType) raw.getGenericSuperclass();
            items.add(value(parent.getActualTypeArguments()[0]));
        }

        return result;
    }

    private static Object records() throws Exception {
        Class<?> type;
        try {
            type = Class.forName("org.apache.kafka.common.record.internal.MemoryRecords");
        } catch (ClassNotFoundException older) {
            type = Class.forName("org.apache.kafka.common.record.MemoryRecords");
        }

        Method readable = type.getMethod("readableRecords", ByteBuffer.class);
        return readable.invoke(null, ByteBuffer.wrap(new byte[] {7, 8, 9}));
    }
}
