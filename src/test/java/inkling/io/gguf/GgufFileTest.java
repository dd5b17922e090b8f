package inkling.io.gguf;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import inkling.io.gguf.GgufWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
    @TempDir
    Path directory;

    private Path write(Map<String, GgufValue> keys, Entry... tensors) {
        Path file = directory.resolve("file.gguf");
        DurableFiles.SYSTEM.write(file, GgufWriter.content(keys, List.of(tensors)));
        return file;
    }

    private static float[] normal(int n) {
        Random random = new Random(4);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test void keysComeBackAsTheyWere() {
        Map<String, GgufValue> keys = new LinkedHashMap<>();
        keys.put("a.text", GgufValue.text("é漢😊\n"));
        keys.put("a.count", GgufValue.count(4_000_000_000L));
        keys.put("a.real", GgufValue.real(1e-6));
        keys.put("a.flag", GgufValue.flag(true));
        keys.put("a.texts", GgufValue.texts(List.of("", "b", "ĠĊ")));
        keys.put("a.wholes", GgufValue.wholes(new int[] {1, -3}));
        keys.put("a.reals", GgufValue.reals(new float[] {0.5f, -7}));
        try (GgufFile file = GgufFile.open(write(keys))) {
            assertEquals(List.copyOf(keys.keySet()), List.copyOf(file.metadata().keys()));
            assertEquals("é漢😊\n", file.metadata().requireText("a.text"));
            assertEquals(4_000_000_000L, file.metadata().values().get("a.count").value());
            assertEquals(Optional.of(1e-6), file.metadata().real("a.real"), "not 9.99999997e-07, which is the float");
            assertEquals(Optional.of(true), file.metadata().flag("a.flag"));
            assertEquals(List.of("", "b", "ĠĊ"), file.metadata().texts("a.texts"));
            assertEquals(List.of(1L, -3L), file.metadata().wholes("a.wholes"));
            assertEquals(List.of(0.5, -7.0), file.metadata().reals("a.reals"));
            says(assertThrows(ModelFormatException.class, () -> file.metadata().count("a.count")).getMessage(), "file.gguf", "a.count",
                "4000000000", "2147483647");
            says(assertThrows(ModelFormatException.class, () -> file.metadata().text("a.flag")).getMessage(), "a.flag = true", "a text");
        }
    }

    /** Compares the header with the specification, byte by byte, then the place of the data. */
    @Test void bytesAreThoseOfTheSpecification() throws IOException {
        Path file = write(Map.of("k", GgufValue.count(7)), GgufEdit.entry("w", GgufType.F32, List.of(2L, 3L), 1, 2, 3, 4, 5, 6));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[4];
        bytes.get(magic);
        assertEquals("GGUF", new String(magic, StandardCharsets.US_ASCII));
        assertEquals(3, bytes.getInt());
        assertEquals(1, bytes.getLong());
        assertEquals(1, bytes.getLong());
        assertEquals(1, bytes.getLong());
        assertEquals('k', bytes.get());
        assertEquals(4, bytes.getInt());
        assertEquals(7, bytes.getInt());
        assertEquals(1, bytes.getLong());
        assertEquals('w', bytes.get());
        assertEquals(2, bytes.getInt());
        assertEquals(3, bytes.getLong(), "the length of a row comes first");
        assertEquals(2, bytes.getLong());
        assertEquals(0, bytes.getInt());
        assertEquals(0, bytes.getLong());
        int data = (bytes.position() + 31) / 32 * 32;
        assertEquals(data + 32, bytes.limit(), "24 bytes of numbers, filled up");
        assertEquals(6, bytes.getFloat(data + 20));
    }

    @Test void numbersComeBackAsExactlyAsTheirTypeHoldsThem() {
        float[] values = normal(96);
        Entry[] entries = {GgufEdit.entry("f32", GgufType.F32, List.of(3L, 32L), values), GgufEdit.entry("f16", GgufType.F16,
            List.of(3L, 32L), values), GgufEdit.entry("bf16", GgufType.BF16, List.of(3L, 32L), values), GgufEdit.entry("q8_0",
            GgufType.Q8_0, List.of(3L, 32L), values), GgufEdit.entry("odd", GgufType.F16, List.of(3L), 1, 2, 3)};
        try (GgufFile file = GgufFile.open(write(Map.of(), entries))) {
            assertArrayEquals(values, GgufEdit.floats(file, "f32"));
            float[] half = GgufEdit.floats(file, "f16");
            float[] brain = GgufEdit.floats(file, "bf16");
            float[] byteValues = GgufEdit.floats(file, "q8_0");
            for (int row = 0; row < 3; row++) {
                float largest = 0;
                for (int i = 32 * row; i < 32 * row + 32; i++) {
                    largest = Math.max(largest, Math.abs(values[i]));
                }
                for (int i = 32 * row; i < 32 * row + 32; i++) {
                    assertEquals(values[i], half[i], Math.abs(values[i]) / 2048);
                    assertEquals(values[i], brain[i], Math.abs(values[i]) / 256);
                    assertEquals(values[i], byteValues[i], largest / 127 * 0.51);
                }
            }
            assertFalse(Arrays.equals(half, values));
            assertArrayEquals(new float[] {1, 2, 3}, GgufEdit.floats(file, "odd"));
            assertTrue(file.difference("f32", file, "f32").isEmpty());
            assertTrue(file.difference("f32", file, "f16").isPresent());
        }
    }

    /** Worked out by hand from the definitions: ties go to the even value in F16 and bfloat16, and away from zero in Q8_0. */
    @Test void roundingIsThatOfTheFormat() {
        assertEquals(0x3C00, HalfFloats.toHalf(1 + 0x1p-11f), "halfway, to even");
        assertEquals(0x3C02, HalfFloats.toHalf(1 + 3 * 0x1p-11f), "halfway, to even");
        assertEquals(0x0001, HalfFloats.toHalf(0x1p-24f));
        assertEquals(0x0000, HalfFloats.toHalf(0x1p-25f));
        assertEquals(0x0400, HalfFloats.toHalf(0x1p-14f - 0x1p-26f), "rounded up to the least half that is not subnormal");
        assertEquals(0x7BFF, HalfFloats.toHalf(65504));
        assertEquals(0x7C00, HalfFloats.toHalf(65520));
        assertEquals((short) 0xFC00, HalfFloats.toHalf(-1e9f));
        assertEquals(0x3F80, HalfFloats.toBfloat16(1 + 0x1p-8f), "halfway, to even");
        assertEquals(0x3F82, HalfFloats.toBfloat16(1 + 3 * 0x1p-8f));
        float[] row = new float[32];
        row[0] = 127;
        row[1] = 0.5f;
        row[2] = -0.5f;
        row[3] = 2.49f;
        try (GgufFile file = GgufFile.open(write(Map.of(), GgufEdit.entry("q", GgufType.Q8_0, List.of(32L), row)))) {
            float[] read = GgufEdit.floats(file, "q");
            assertArrayEquals(new float[] {127, 1, -1, 2, 0}, Arrays.copyOf(read, 5));
        }
    }

    @Test void whatATypeCannotHoldIsNamed() {
        says(assertThrows(ModelFormatException.class, () -> write(Map.of(), GgufEdit.entry("blk.0.w", GgufType.F16, List.of(1L), 70_000)))
            .getMessage(), "blk.0.w", "70000.0", "65504", "bf16");
        float[] row = new float[32];
        row[5] = Float.NaN;
        says(assertThrows(ModelFormatException.class, () -> write(Map.of(), GgufEdit.entry("w", GgufType.Q8_0, List.of(32L), row)))
            .getMessage(), "w", "NaN", "Q8_0");
        row[5] = -1e7f;
        says(assertThrows(ModelFormatException.class, () -> write(Map.of(), GgufEdit.entry("w", GgufType.Q8_0, List.of(32L), row)))
            .getMessage(), "w has the value -1.0E7", "Q8_0", "8319008", "bf16");
        assertFalse(Files.exists(directory.resolve("file.gguf")));
    }

    private String fault(byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("bad.gguf"), bytes);
        return assertThrows(ModelFormatException.class, () -> GgufFile.open(file)).getMessage();
    }

    @Test void theRefusalOfAFaultyFileTellsWhatIsWrong() throws IOException {
        byte[] good = Files.readAllBytes(write(Map.of("k", GgufValue.count(7)), GgufEdit.entry("w", GgufType.F32, List.of(2L), 1, 2)));
        ByteBuffer bytes = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN);
        says(fault("GGUX".getBytes(StandardCharsets.US_ASCII)), "bad.gguf", "does not begin with GGUF");
        says(fault(Arrays.copyOf(good, good.length - 32)), "w", "cut off");
        says(fault(Arrays.copyOf(good, 30)), "claims 1 tensors", "14 bytes are left");
        says(fault(bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).putInt(4, 1).array().clone()), "version is 1", "2 and 3");
        says(fault(bytes.putInt(4, Integer.reverseBytes(3)).array().clone()), "big endian");
        bytes.putInt(4, 3);
        says(fault(bytes.putLong(8, 1L << 60).array().clone()), "1152921504606846976 tensors", "100000");
        bytes.putLong(8, 1);
        int type = new String(good, StandardCharsets.ISO_8859_1).indexOf('w') + 1 + 4 + 8;
        says(fault(bytes.putInt(type, 12).array().clone()), "w is Q4_K", "F32, F16, Q8_0, BF16");
        says(fault(bytes.putInt(type, 8).array().clone()), "w is Q8_0 with rows of 2", "multiple of 32");
        bytes.putInt(type, 0);
        says(fault(bytes.putLong(type + 4, 32).array().clone()), "w begins at byte 32");
    }

    /** Small limits are tried, since the real one would need a very large file. The message differs in the number alone. */
    @Test void aHeaderBeyondTheLimitIsNotReportedAsAFileThatEndsEarly() throws IOException {
        Path file = write(Map.of("some.texts", GgufValue.texts(List.of("one", "two", "three"))),
            GgufEdit.entry("w", GgufType.F32, List.of(2L), 1, 2));
        try (FileChannel channel = FileChannel.open(file)) {
            long data = GgufHeader.read(channel, "file.gguf", GgufHeader.MAX_BYTES).tensors().get("w").begin();
            long belowHeader = data - GgufHeader.USUAL_ALIGNMENT;   // the header has more bytes than this, even without its padding
            for (long most = 0; most < belowHeader; most++) {
                long limit = most;
                says(assertThrows(ModelFormatException.class, () -> GgufHeader.read(channel, "file.gguf", limit)).getMessage(), "file.gguf",
                    "its header has more than %d bytes".formatted(limit), "safetensors");
            }
        }
    }
}
