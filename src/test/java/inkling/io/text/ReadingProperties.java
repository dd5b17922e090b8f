package inkling.io.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

class ReadingProperties {
    private static final byte[] JSON = """
        {"a": [1, -2.5e3, true, null, "x\\u00e9\\ud83d\\ude00\\n"], "n": {"o": {}, "é": "日本"}, "z": 9007199254740993}
        """.getBytes(UTF_8);

    @Property(tries = 2_000)
    void textIsWhatTheWholeFileDecodesTo(@ForAll("mostlyText") byte[] bytes, @ForAll @IntRange(min = 4, max = 40) int bufferBytes)
            throws IOException {
        Optional<String> expected = decodedAtOnce(bytes);
        StringBuilder read = new StringBuilder();
        try (TextReader reader = new TextReader(Path.of("x.txt"), new ByteArrayInputStream(bytes), Optional.empty(), bufferBytes)) {
            for (Optional<String> chunk = reader.chunk(3); chunk.isPresent(); chunk = reader.chunk(3)) {
                read.append(chunk.get());
            }
            assertEquals(expected, Optional.of(read.toString()));
        } catch (ConfigException e) {
            assertTrue(expected.isEmpty(), e.getMessage());
        }
    }

    @Property(tries = 2_000)
    void spoiledJsonIsReadOrRefusedWithTheDeclaredException(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = JSON.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = random.nextBoolean() ? (byte) random.nextInt(256) : JSON[random.nextInt(JSON.length)];
        }
        try {
            JsonNode node = StrictJson.parse("x.json", bytes);
            assertArrayEquals(StrictJson.bytes(node), StrictJson.bytes(StrictJson.parse("again", StrictJson.bytes(node))));
        } catch (ModelFormatException e) {
            assertTrue(e.getMessage().startsWith("x.json"), e.getMessage());
        }
    }

    @Provide Arbitrary<byte[]> mostlyText() {
        Arbitrary<byte[]> pieces = Arbitraries.of("a", "\r", "\n", "\r\n", "é", "€", "😀", "\uFEFF", "\0").map(s -> s.getBytes(UTF_8));
        Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(2);
        return Arbitraries.frequencyOf(Tuple.of(30, pieces), Tuple.of(1, any)).list().ofMaxSize(40).map(parts -> {
            ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
            parts.forEach(all::put);
            return all.array();
        });
    }

    /** Decodes all bytes at once by the JDK's decoder, then normalises the string in the plain way. Empty if the bytes are malformed. */
    private static Optional<String> decodedAtOnce(byte[] bytes) {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return Optional.of((text.startsWith("\uFEFF") ? text.substring(1) : text).replace("\r\n", "\n"));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
