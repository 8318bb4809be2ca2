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
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Prints every message of every API, those that are not known here yet too, in every version, as Kafka's own classes encode it: one
 * line of name, version, filling and hexadecimal bytes. The fillings:
 *
 * full   every field holds a value chosen by a hash of its path, arrays hold one or two elements, tagged fields are there
 * nulls  what may be null is null, the rest as in full with other values, arrays hold one element
 * least  arrays, strings and bytes are empty, numbers and structs at their default: tagged fields are absent
 * tags   as full, with tagged fields behind every struct that nobody knows (flexible versions only)
 *
 * What a version does not have stays at its default. GoldenFilling.cs fills the messages of this project in the same way.
 *
 * Run from the project's folder with the jars of two Kafka distributions: 4.3, and 3.3 for the versions that 4.3 no longer has:
 * (java -cp "$KAFKA_4_3/libs/*" java/GoldenMessages.java; java -cp "$KAFKA_3_3/libs/*" java/GoldenMessages.java) \
 *   | LC_ALL=C sort -k1,1 -k2,2n -k3,3 -s -u | LC_ALL=C sort -k1,1 -k3,3 -k2,2n | gzip -9n > fixtures/golden-messages.txt.gz
 */
public final class GoldenMessages {
    private static final List<String> RECORDS = List.of(
        "group.generated.OffsetCommitKey", "group.generated.OffsetCommitValue",
        "group.generated.GroupMetadataKey", "group.generated.GroupMetadataValue",
        "transaction.generated.TransactionLogKey", "transaction.generated.TransactionLogValue");

    private static final long[] NUMBERS = {
        1, -1, 0x0102030405060708L, Long.MAX_VALUE, Long.MIN_VALUE, 0x7fff7fff7fff7f7fL, 0x8000800080008080L, 300, 0x1122334455667788L};
    private static final double[] FRACTIONS = {0.75, -1e300, Double.MIN_VALUE, Double.POSITIVE_INFINITY};
    private static final String[] TEXTS = {
        "a", "gr\u00f6\u00dfe", "topic-1", "\u65e5\u672c, \ud83d\ude00", "x".repeat(127), "\u00e9".repeat(64), "\0"};
    private static final int[] LENGTHS = {1, 3, 127, 130};

    private final String filling;
    private final Message root;
    private final short version;

    private GoldenMessages(String filling, Message root, short version) {
        this.filling = filling;
        this.root = root;
        this.version = version;
    }

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
        String name = type.getSimpleName().replaceAll("Data$", "");
        for (short version = probe.lowestSupportedVersion(); version <= probe.highestSupportedVersion(); version++) {
            for (String filling : new String[] {"full", "nulls", "least", "tags"}) {
                Message message = (Message) type.getDeclaredConstructor().newInstance();
                GoldenMessages golden = new GoldenMessages(filling, message, version);
                golden.preset(message);
                golden.fill(message, name + "/" + (filling.equals("tags") ? "full" : filling));
                if (filling.equals("tags") && !golden.addTags(message))
                    continue;
                System.out.println(name + " " + version + " " + filling + " " + HexFormat.of().formatHex(golden.encode()));
            }
        }
    }

    private void fill(Object target, String path) throws Exception {
        for (Field field : target.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.getName().startsWith("_") || isLink(field))
                continue;
            field.setAccessible(true);
            String fieldPath = path + "/" + today(field);
            if (filling.equals("nulls") && !field.getType().isPrimitive() && set(target, field, null))
                continue;
            if (filling.equals("least")) {
                Object empty = empty(field);
                if (empty != null)
                    set(target, field, empty);
            } else if (!set(target, field, value(field.getGenericType(), fieldPath))) {
                continue;
            }

            Object value = field.get(target);
            if (value instanceof Collection<?> items) {
                int index = 0;
                for (Object item : items) {
                    if (item instanceof Message)
                        fill(item, fieldPath + "/" + index);
                    index++;
                }
            } else if (value instanceof Message) {
                fill(value, fieldPath);
            }
        }
    }

    private boolean set(Object target, Field field, Object value) throws Exception {
        Object before = field.get(target);
        field.set(target, value);
        try {
            encode();
            return true;
        } catch (RuntimeException refused) {
            field.set(target, before);
            return false;
        }
    }

    // 3.3 has a field under a name that was widened later.
    private static String today(Field field) {
        String message = field.getDeclaringClass().getSimpleName();
        return message.equals("OffsetCommitRequestData") && field.getName().equals("generationId") ? "generationIdOrMemberEpoch" : field.getName();
    }

    // Elements of Kafka's hash collections carry their place in them.
    private static boolean isLink(Field field) {
        return field.getName().equals("prev") || field.getName().equals("next");
    }

    private byte[] encode() {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(root.size(cache, version));
        root.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }

    // False if the version has no tagged fields.
    private boolean addTags(Message message) throws Exception {
        int before = encode().length;
        addTagsBelow(message);
        return before != encode().length;
    }

    private void addTagsBelow(Message message) throws Exception {
        message.unknownTaggedFields().add(new RawTaggedField(1_000, new byte[0]));
        message.unknownTaggedFields().add(new RawTaggedField(70_000, new byte[] {1, 2, 3}));
        try {
            encode();
        } catch (UnsupportedVersionException missing) {
            // The version is not flexible, or does not have the field that holds this part.
            message.unknownTaggedFields().clear();
            return;
        }

        for (Field field : message.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || isLink(field))
                continue;
            field.setAccessible(true);
            Object value = field.get(message);
            if (value instanceof Message part) {
                addTagsBelow(part);
            } else if (value instanceof Collection<?> items) {
                for (Object item : items) {
                    if (item instanceof Message part)
                        addTagsBelow(part);
                }
            }
        }
    }

    // Records begin as null, also where a version has no null.
    private void preset(Object message) throws Exception {
        for (Field field : message.getClass().getDeclaredFields()) {
            if (field.getType().getSimpleName().equals("BaseRecords")) {
                field.setAccessible(true);
                field.set(message, records(new byte[0]));
            }
        }
    }

    private static int choose(String path, int count) {
        int hash = 0x811c9dc5;
        for (int index = 0; index < path.length(); index++)
            hash = (hash ^ path.charAt(index)) * 0x01000193;
        hash = (hash ^ (hash >>> 15)) * 0x2c1b3c6d;
        return (hash >>> 8) % count;
    }

    private static Object empty(Field field) throws Exception {
        Class<?> type = field.getType();
        if (type == String.class)
            return "";
        if (type == byte[].class)
            return new byte[0];
        if (type == ByteBuffer.class)
            return ByteBuffer.allocate(0);
        if (type.getSimpleName().equals("BaseRecords"))
            return records(new byte[0]);
        if (type == List.class)
            return new ArrayList<>();
        return Collection.class.isAssignableFrom(type) ? type.getDeclaredConstructor().newInstance() : null;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private Object value(Type type, String path) throws Exception {
        if (type instanceof ParameterizedType list) {
            List<Object> items = new ArrayList<>();
            addItems(items, list.getActualTypeArguments()[0], path);
            return items;
        }

        Class<?> raw = (Class<?>) type;
        long number = NUMBERS[choose(path, NUMBERS.length)];
        if (raw == boolean.class)
            return choose(path, 2) == 0;
        if (raw == byte.class || raw == Byte.class)
            return (byte) number;
        if (raw == short.class || raw == Short.class)
            return (short) number;
        if (raw == int.class || raw == Integer.class)
            return (int) number;
        if (raw == long.class || raw == Long.class)
            return number;
        if (raw == double.class)
            return FRACTIONS[choose(path, FRACTIONS.length)];
        if (raw == String.class)
            return TEXTS[choose(path, TEXTS.length)];
        if (raw == Uuid.class)
            return new Uuid(number, choose(path, 256));
        if (raw == byte[].class)
            return bytes(path);
        if (raw == ByteBuffer.class)
            return ByteBuffer.wrap(bytes(path));
        if (raw.getSimpleName().equals("BaseRecords"))
            return records(bytes(path));
        Object result = raw.getDeclaredConstructor().newInstance();
        preset(result);
        if (result instanceof Collection items)
            addItems(items, ((ParameterizedType) raw.getGenericSuperclass()).getActualTypeArguments()[0], path);
        return result;
    }

    private void addItems(Collection<Object> items, Type type, String path) throws Exception {
        int count = filling.equals("nulls") ? 1 : 1 + choose(path, 2);
        for (int index = 0; index < count; index++)
            items.add(value(type, path + "/" + index));
    }

    private static byte[] bytes(String path) {
        byte[] bytes = new byte[LENGTHS[choose(path, LENGTHS.length)]];
        for (int index = 0; index < bytes.length; index++)
            bytes[index] = (byte) (index * 7);
        return bytes;
    }

    private static Object records(byte[] bytes) throws Exception {
        Class<?> type;
        try {
            type = Class.forName("org.apache.kafka.common.record.internal.MemoryRecords");
        } catch (ClassNotFoundException older) {
            type = Class.forName("org.apache.kafka.common.record.MemoryRecords");
        }

        Method readable = type.getMethod("readableRecords", ByteBuffer.class);
        return readable.invoke(null, ByteBuffer.wrap(bytes));
    }
}
