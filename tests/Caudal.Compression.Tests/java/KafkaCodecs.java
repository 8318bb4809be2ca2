import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.xerial.snappy.Snappy;

/**
 * The other side of the cross checks: Kafka's own codecs.
 *
 * java -cp 'KAFKA/*' KafkaCodecs.java write DIRECTORY   writes the fixtures
 * java -cp 'KAFKA/*' KafkaCodecs.java check DIRECTORY   decompresses every X.bin (named CODEC-…) and compares it with X.raw
 */
public class KafkaCodecs {
    interface Wrapper {
        OutputStream wrap(OutputStream out) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[1]);
        if (args[0].equals("write")) write(directory);
        else check(directory);
    }

    static void write(Path directory) throws Exception {
        for (String codec : new String[] {"gzip", "snappy", "lz4", "zstd"})
            for (String payload : new String[] {"text0", "text1", "text1000", "text70000", "random40000"})
                save(directory, codec + "-kafka-" + payload, kafka(Compression.of(codec).build(), payload(payload)));
        for (int level : new int[] {1, 9})
            save(directory, "gzip-level" + level + "-text70000", kafka(Compression.gzip().level(level).build(), payload("text70000")));
        for (int level : new int[] {1, 17})
            save(directory, "lz4-level" + level + "-text70000", kafka(Compression.lz4().level(level).build(), payload("text70000")));
        for (int level : new int[] {-5, 1, 19})
            save(directory, "zstd-level" + level + "-text70000", kafka(Compression.zstd().level(level).build(), payload("text70000")));

        byte[] text = payload("text70000");
        byte[] first = Arrays.copyOf(text, 30000);
        byte[] second = Arrays.copyOfRange(text, 30000, text.length);
        for (String codec : new String[] {"gzip", "snappy", "lz4", "zstd"})
            save(directory, codec + "-concatenated-text70000",
                concat(kafka(Compression.of(codec).build(), first), kafka(Compression.of(codec).build(), second)));

        save(directory, "snappy-bare-text70000", Snappy.compress(text));
        save(directory, "snappy-bare-text0", Snappy.compress(new byte[0]));
        save(directory, "zstd-sized-text70000", Zstd.compress(text));
        save(directory, "zstd-checksum-text70000", wrapped(out -> new ZstdOutputStream(out).setChecksum(true), text));
        save(directory, "lz4-checksums-text70000", wrapped(out -> new LZ4FrameOutputStream(out, BLOCKSIZE.SIZE_64KB, text.length,
            FLG.Bits.BLOCK_INDEPENDENCE, FLG.Bits.BLOCK_CHECKSUM, FLG.Bits.CONTENT_CHECKSUM, FLG.Bits.CONTENT_SIZE), text));
        for (BLOCKSIZE size : new BLOCKSIZE[] {BLOCKSIZE.SIZE_256KB, BLOCKSIZE.SIZE_1MB, BLOCKSIZE.SIZE_4MB})
            save(directory, "lz4-" + size.name().substring(5).toLowerCase() + "-text70000",
                wrapped(out -> new LZ4FrameOutputStream(out, size, FLG.Bits.BLOCK_INDEPENDENCE), text));
    }

    static void check(Path directory) throws Exception {
        int agreed = 0;
        try (var files = Files.newDirectoryStream(directory, "*.bin")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                byte[] expected = Files.readAllBytes(directory.resolve(name.replace(".bin", ".raw")));
                Compression codec = Compression.of(name.substring(0, name.indexOf('-'))).build();
                byte[] actual;
                try (var in = codec.wrapForInput(ByteBuffer.wrap(Files.readAllBytes(file)), (byte) 2, BufferSupplier.create())) {
                    actual = in.readAllBytes();
                }
                if (!Arrays.equals(expected, actual))
                    throw new IllegalStateException(name + " came out different: " + actual.length + " bytes, expected " + expected.length);
                agreed++;
            }
        }
        System.out.println(agreed + " agreed");
    }

    static byte[] kafka(Compression codec, byte[] data) throws Exception {
        ByteBufferOutputStream target = new ByteBufferOutputStream(512);
        try (OutputStream out = codec.wrapForOutput(target, (byte) 2)) {
            out.write(data);
        }
        ByteBuffer written = target.buffer().flip();
        byte[] bytes = new byte[written.remaining()];
        written.get(bytes);
        return bytes;
    }

    static byte[] wrapped(Wrapper wrapper, byte[] data) throws Exception {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (OutputStream out = wrapper.wrap(target)) {
            out.write(data);
        }
        return target.toByteArray();
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    static void save(Path directory, String name, byte[] data) throws Exception {
        Files.write(directory.resolve(name + ".bin"), data);
    }

    /** What a name like text1000 stands for. Payloads.cs makes the same bytes. */
    static byte[] payload(String name) {
        int digits = name.indexOf(name.replaceAll("[a-z]", ""));
        int size = Integer.parseInt(name.substring(digits));
        return name.startsWith("text") ? text(size) : random(size);
    }

    static byte[] text(int size) {
        StringBuilder text = new StringBuilder();
        int state = 1;
        for (int id = 0; text.length() < size; id++) {
            state = state * 1664525 + 1013904223;
            int drawn = state >>> 8;
            text.append("{\"id\":\"order-").append(id).append("\",\"customer\":\"c").append(drawn % 500)
                .append("\",\"amount\":").append(drawn % 10000).append("}\n");
        }
        return text.substring(0, size).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        int state = 1;
        for (int i = 0; i < size; i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (byte) (state >>> 24);
        }
        return bytes;
    }
}
