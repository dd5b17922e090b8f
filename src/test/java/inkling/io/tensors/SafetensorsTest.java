package inkling.io.tensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.errors.ModelFormatException;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.io.json.StrictJson;
import inkling.io.tensors.SafetensorsWriter.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir Path dir;

    @Test void whatIsWrittenIsReadAgain() throws IOException {
        float[] matrix = {1, -2.5f, 0, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY};
        float[] large = new float[300_000];
        for (int i = 0; i < large.length; i++) {
            large[i] = i * 0.25f;
        }
        Path file = write(List.of(Entry.floats("w", List.of(2L, 3L), matrix), Entry.floats("scalar", List.of(), new float[] {7}),
                Entry.floats("none", List.of(4L, 0L), new float[0]), Entry.floats("large", List.of(300_000L), large),
                new Entry("ids", Dtype.I64, List.of(1L), Content.of(new byte[8]))), Map.of("format", "pt", "a", "é"));
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertEquals(List.of("w", "scalar", "none", "large", "ids"), List.copyOf(read.tensors().keySet()));
            assertEquals(Map.of("format", "pt", "a", "é"), read.metadata());
            assertEquals(new TensorInfo("w", Dtype.F32, List.of(2L, 3L), 0, 24), read.tensor("w"));
            assertArrayEquals(matrix, read.floats("w"));
            assertArrayEquals(new float[] {7}, read.floats("scalar"));
            assertArrayEquals(new float[0], read.floats("none"));
            assertArrayEquals(large, read.floats("large"));
            assertEquals(-2.5f, read.map("w").getFloat(4));
            assertEquals(0.25f, read.map("large", 4, 4).getFloat(0));
            assertEquals(OptionalLong.of(4), read.firstNonFinite("w"));
            assertEquals(OptionalLong.empty(), read.firstNonFinite("large"));
            assertFault(() -> read.floats("ids"), file + ": ids is I64, expected F32, F16 or BF16.");
            assertFault(() -> read.tensor("v"), file + ": has no tensor v.");
            assertThrows(IllegalArgumentException.class, () -> read.map("w", 20, 8));
            assertThrows(IllegalArgumentException.class, () -> read.map("w", Long.MAX_VALUE, 8));
        }
    }

    @Test void theWriterGivesTheBytesOfTheFormatsOwnWriter() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        float[] values = {0, 1, 2, 3, 4, 5};
        SafetensorsWriter.write(out, List.of(Entry.floats("attn0", List.of(1L, 1L, 2L, 3L), values)), Map.of());
        String header = "{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],\"data_offsets\":[0,24]}}       ";
        ByteBuffer expected = ByteBuffer.allocate(104).order(ByteOrder.LITTLE_ENDIAN).putLong(72).put(header.getBytes(UTF_8));
        expected.asFloatBuffer().put(values);
        assertArrayEquals(expected.array(), out.toByteArray());
    }

    @Test void aTensorWhoseContentHasAnotherSizeOrWhoseNameIsTakenIsTheCallersBug() {
        assertThrows(IllegalArgumentException.class, () -> write(List.of(Entry.floats("w", List.of(3L), new float[2])), Map.of()));
        assertThrows(IllegalArgumentException.class, () -> write(List.of(Entry.floats("w", List.of(), new float[1]),
                Entry.floats("w", List.of(), new float[1])), Map.of()));
    }

    @Test void wholeNumbersOf64BitsAreReadWithTheirSign() throws IOException {
        byte[] ones = new byte[8];
        Arrays.fill(ones, (byte) 0xFF);
        Path file = write(List.of(new Entry("signed", Dtype.I64, List.of(1L), Content.of(ones)),
                new Entry("unsigned", Dtype.U64, List.of(1L), Content.of(ones))), Map.of());
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertEquals(-1, read.numbers("signed").applyAsDouble(0));
            assertEquals(0x1p64, read.numbers("unsigned").applyAsDouble(0));
        }
    }

    @Test void halvesAreWidenedExactly() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
        for (int half = 0; half < 1 << 16; half++) {
            all.putShort((short) half);
        }
        Path file = write(List.of(new Entry("f16", Dtype.F16, List.of(1L << 16), Content.of(all.array())),
                new Entry("bf16", Dtype.BF16, List.of(1L << 16), Content.of(all.array())),
                new Entry("f64", Dtype.F64, List.of(1L), Content.of(new byte[8]))), Map.of());
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            float[] f16 = read.floats("f16");
            float[] bf16 = read.floats("bf16");
            for (int half = 0; half < 1 << 16; half++) {
                assertEquals(halfByDefinition(half), f16[half], "F16 0x" + Integer.toHexString(half));
                assertEquals(half << 16, Float.floatToRawIntBits(bf16[half]));
            }
            assertFault(() -> read.floats("f64"),
                    "f64 is F64, which would lose precision as 32-bit floats. Convert the file to F32 first.");
        }
    }

    /** (-1)^s 2^(e-15) (1 + f/1024), with the format's exceptions; IEEE 754-2019, 3.4. */
    private static double halfByDefinition(int half) {
        int exponent = half >> 10 & 31;
        double fraction = (half & 1023) / 1024.0;
        double sign = half >= 1 << 15 ? -1 : 1;
        if (exponent == 31) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return sign * (exponent == 0 ? fraction * Math.pow(2, -14) : (1 + fraction) * Math.pow(2, exponent - 15));
    }

    /** Odd and hostile files like those of the format's own tests. If {@code ../shared} has the files of those tests, reads them, too. */
    @Test void theFormatsOwnEdgeCasesEndAsItsTestsSay() throws IOException {
        Map<String, Boolean> cases = new LinkedHashMap<>();   // header → whether it is valid if eight bytes of data follow
        cases.put("{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", true);
        cases.put("  {'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", true);
        cases.put("{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}   ", true);
        cases.put("{'w':{'dtype':'F4','shape':[4,4],'data_offsets':[0,8]}}", true);
        cases.put("{'one':{'dtype':'F64','shape':[],'data_offsets':[0,8]}}", true);
        cases.put("{'none':{'dtype':'F32','shape':[3,0],'data_offsets':[0,0]},'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", true);
        cases.put("{'b':{'dtype':'I8','shape':[3],'data_offsets':[0,3]},'w':{'dtype':'U8','shape':[5],'data_offsets':[3,8]}}", true);
        cases.put("{'__metadata__':{'format':'pt'},'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", true);
        cases.put("", false);
        cases.put("not JSON", false);
        cases.put("{'w':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}", false);
        cases.put("{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}", false);
        cases.put("{'w':{'dtype':'F32','shape':[18446744073709551615],'data_offsets':[0,8]}}", false);
        for (Map.Entry<String, Boolean> each : cases.entrySet()) {
            assertEnds(raw(each.getKey().replace('\'', '"'), new byte[8]), each.getValue());
        }
        String many = IntStream.range(0, 10).mapToObj(i -> "'w%d':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}".formatted(i))
            .collect(Collectors.joining(",", "{", "}"));
        assertEnds(raw(many.replace('\'', '"'), new byte[8]), false);   // ten tensors that all claim the same bytes
        Path notUtf8 = Files.write(dir.resolve("not-utf8"), new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xff});
        assertEnds(notUtf8, false);
        for (Path shared : Fixtures.sharedIfThere("data/safetensors-edge").toList()) {
            for (JsonNode edge : StrictJson.parse(shared.resolve("manifest.json")).get("cases")) {
                assertEnds(shared.resolve(edge.get("file").textValue()), edge.get("expect").textValue().startsWith("ok"));
            }
        }
    }

    private static void assertEnds(Path file, boolean valid) {
        if (valid) {
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                read.tensors().keySet().forEach(read::map);
            }
        } else {
            assertFault(() -> SafetensorsFile.open(file), file + ": not a safetensors file: ");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | Duplicate field 'w'",
        "{'w':{'dtype':'F32','dtype':'F32','shape':[2],'data_offsets':[0,8]}} | Duplicate field 'dtype'",
        "{'__metadata__':{'a':'b','a':'b'}}                             | Duplicate field 'a'",
        "{'__metadata__':{'a':1}}                                       | __metadata__.a is 1, expected a string",
        "{'__metadata__':[]}                                            | __metadata__ is an array, expected an object",
        "{'__metadata__':null}                                          | __metadata__ is null, expected an object",
        "{'w':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}}         | tensor w has the unknown dtype F33; known are [BOOL, F4,",
        "{'w':{'dtype':'f32','shape':[2],'data_offsets':[0,8]}}         | unknown dtype f32",
        "{'w':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}       | w.shape holds 2.0, expected integers",
        "{'w':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}       | w.shape holds 2, expected integers",
        "{'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}        | w.shape holds -2, expected 0 to 2^63 - 1",
        "{'w':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,2],'data_offsets':[0,8]}} | w.shape has more than 8 entries",
        "{'w':{'dtype':'F32','shape':[65536,65536,65536,65536],'data_offsets':[0,8]}} | w: the size of F32 (65536, 65536, 65536, 65536)",
        "{'w':{'dtype':'F32','shape':[4611686018427387904],'data_offsets':[0,0]}} | is impossible: long overflow",
        "{'w':{'dtype':'F32','shape':[32768,32768],'data_offsets':[0,8]}} | span 8 bytes, but F32 (32768, 32768) takes 4294967296",
        "{'w':{'dtype':'F4','shape':[3],'data_offsets':[0,8]}}          | 12 bits are no whole number of bytes",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}         | data_offsets [8, 0] span -8 bytes",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8,8]}}       | w.data_offsets has more than 2 entries",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0]}}           | tensor w needs dtype, shape and two data_offsets",
        "{'w':{'dtype':'F32','shape':[2]}}                              | tensor w needs dtype, shape and two data_offsets",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}}   | tensor w has an unknown key x",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}}        | tensor w begins at byte 8 of the data, expected 0",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}         | the tensors take 4 bytes, but 8 follow the header",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'v':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | v begins at byte 4",
        "{'../../x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}   | the tensor name \"../../x\" looks like a path",
        "{'a\\u001bb':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | the tensor name \"a?b\" looks like a path or holds control",
        "{'w':[[[[[1]]]]]}                                              | w is an array, expected an object",
        "[]                                                             | the header is an array, expected an object",
        "{} {}                                                          | the header goes on after its object ends",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}          | Unexpected end-of-input",
    })
    void aHeaderThatBreaksARuleIsRefused(String header, String expected) throws IOException {
        Path file = raw(header.replace('\'', '"'), new byte[8]);
        assertFault(() -> SafetensorsFile.open(file), expected);
    }

    @Test void theClaimedLengthIsComparedWithTheFileBeforeItIsBelieved() throws IOException {
        assertFault(() -> SafetensorsFile.open(withLength(-1)), "the header claims 18446744073709551615 bytes; at most 100000000");
        assertFault(() -> SafetensorsFile.open(withLength(Long.MIN_VALUE)), "the header claims 9223372036854775808 bytes");
        assertFault(() -> SafetensorsFile.open(withLength(100_000_001)), "the header claims 100000001 bytes; at most 100000000");
        assertFault(() -> SafetensorsFile.open(withLength(100_000_000)), "the header claims 100000000 bytes, but only 2 follow");
        assertFault(() -> SafetensorsFile.open(withLength(0)), "the header is cut off, expected an object");
        assertFault(() -> SafetensorsFile.open(Files.write(dir.resolve("short"), new byte[7])), "has 7 bytes; the length of the header");
    }

    @Test void otherKindsOfFilesAreNamedWithTheWayOut() throws IOException {
        Map<String, String> kinds = Map.of("PK\u0003\u0004abcdefgh", "this is a zip file, as torch.save and TorchScript write it.",
                "GGUF\u0003\u0000\u0000\u0000\u0001", "this is a GGUF file",
                "version https://git-lfs.github.com/spec/v1\n", "git lfs pull");
        for (Map.Entry<String, String> kind : kinds.entrySet()) {
            Path file = Files.writeString(dir.resolve("x.bin"), kind.getKey());
            assertFault(() -> SafetensorsFile.open(file), kind.getValue());
        }
        Path pickle = Files.write(dir.resolve("y.bin"), new byte[] {(byte) 0x80, 2, (byte) 0x8a, 10, 1, 2, 3, 4, 5, 6});
        assertFault(() -> SafetensorsFile.open(pickle), pickle + ": this is a Python pickle. Loading one can run code, so it is refused."
                + " If you trust the file, load it with PyTorch, then save it as safetensors:"
                + " model.save_pretrained(directory, safe_serialization=True).");
    }

    @Test void tensorsLargerThanTwoGigabytesAreReadInPieces() throws IOException {
        long bytes = 3L << 30;
        Path file = raw("{\"w\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(bytes / 4, bytes), new byte[0]);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(sparse.length() + bytes);
            sparse.seek(sparse.length() - 1);
            sparse.write(0x40);   // the last float becomes 2.0
        }
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertEquals(2.0f, read.map("w", bytes - 8, 8).getFloat(4));
            assertThrows(IllegalArgumentException.class, () -> read.map("w"));
        }
    }

    @Test void aFileThatShrinksWhileItIsReadIsAModelFault() throws IOException {
        Path file = write(List.of(Entry.floats("w", List.of(1000L), new float[1000])), Map.of());
        try (SafetensorsFile read = SafetensorsFile.open(file); RandomAccessFile shrink = new RandomAccessFile(file.toFile(), "rw")) {
            shrink.setLength(shrink.length() - 100);
            assertFault(() -> read.floats("w"), file + ": shrank while it was read");
            assertFault(() -> read.map("w"), file + ": shrank while it was read");
        }
    }

    @Test void aFileCutAnywhereIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(write(List.of(Entry.floats("w", List.of(2L, 3L), new float[6])), Map.of("format", "pt")));
        for (int length = 0; length < whole.length; length++) {
            Path cut = Files.write(dir.resolve("cut"), Arrays.copyOf(whole, length));
            assertFault(() -> SafetensorsFile.open(cut), cut.toString());
        }
    }

    private Path write(List<Entry> entries, Map<String, String> metadata) {
        Path file = dir.resolve("model.safetensors");
        DurableFiles.SYSTEM.write(file, SafetensorsWriter.content(entries, metadata));
        return file;
    }

    private Path raw(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(UTF_8);
        return Files.write(dir.resolve("raw.safetensors"), ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(data).array());
    }

    private Path withLength(long length) throws IOException {
        return Files.write(dir.resolve("length.safetensors"),
                ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put((byte) '{').put((byte) '}').array());
    }

    static void assertFault(org.junit.jupiter.api.function.Executable read, String expected) {
        String message = assertThrows(ModelFormatException.class, read).getMessage();
        assertTrue(message.contains(expected), message);
    }
}
