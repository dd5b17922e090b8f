package inkling.io.tensors;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import inkling.errors.ModelFormatException;
import inkling.io.Content;
import inkling.io.tensors.SafetensorsWriter.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Good safetensors files and ways to spoil them. Some spoil random bits, bytes and ranges. Others know the format, and change numbers,
 * names or punctuation of the header, or its length. The header's length is often corrected afterwards, so that the reader gets as far as
 * the damage.
 */
public final class SafetensorsMutations {
    private static final Pattern NUMBER = Pattern.compile("(?<=[\\[,])\\d+(?=[,\\]])");
    private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
    private static final String[] NUMBERS = {"0", "1", "-1", "2", "4", "8", "3.5", "1e3", "1e400", "65536", "2147483647", "2147483648",
        "4294967296", "4611686018427387904", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "00",
        "\"4\"", "null", "[1]", "99999999999999999999999999"};
    private static final String[] STRINGS = {"\"F16\"", "\"BF16\"", "\"F64\"", "\"I8\"", "\"F4\"", "\"F6_E2M3\"", "\"f32\"", "\"\"",
        "\"__metadata__\"", "\"shape\"", "\"dtype\"", "\"data_offsets\"", "\"w\"", "\"../x\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\u00ff\"", "1", "null", "{}", "[]"};
    private static final String PUNCTUATION = "{}[]:,\"\\ \n\u0000\u00ff0-9eE.";
    private static final long[] LENGTHS = {0, 1, 2, 7, -1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_000, 100_000_001, 1L << 31, 1L << 32};

    private SafetensorsMutations() {}

    /** Small whole files: scalars, empty tensors, tensors of several types, metadata. */
    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(file(List.of(), Map.of()));
        seeds.add(file(List.of(Entry.floats("w", List.of(2L, 3L), new float[] {1, 2, 3, 4, 5, 6})), Map.of()));
        seeds.add(file(List.of(Entry.floats("wte.weight", List.of(4L, 2L), new float[8]), Entry.floats("scalar", List.of(), new float[1]),
                Entry.floats("none", List.of(0L, 5L), new float[0]), new Entry("half", Dtype.F16, List.of(3L), Content.of(new byte[6])),
                new Entry("brain", Dtype.BF16, List.of(1L, 3L), Content.of(new byte[6])),
                new Entry("ids", Dtype.I64, List.of(2L), Content.of(new byte[16])),
                new Entry("mask", Dtype.BOOL, List.of(1L, 1L, 2L, 2L), Content.of(new byte[4])),
                new Entry("packed", Dtype.F4, List.of(2L, 2L), Content.of(new byte[2]))), Map.of("format", "pt", "é", "😀")));
        return seeds;
    }

    /** A copy of {@code seed} with one to four faults; the same ones for the same state of {@code random}. */
    public static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int faults = 1 + random.nextInt(1 + random.nextInt(4)); faults > 0; faults--) {
            bytes = random.nextInt(3) == 0 ? anywhere(bytes, random) : inHeader(bytes, random);
        }
        return bytes;
    }

    /**
     * Opens {@code file}, maps every tensor, and reads the numbers of those of type F32, F16 and BF16.
     *
     * @return whether the file was accepted. It is refused by a ModelFormatException; any other exception is passed on
     */
    public static boolean read(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            long bytes = 0;
            for (TensorInfo tensor : opened.tensors().values()) {
                bytes += opened.map(tensor.name()).remaining();
                switch (tensor.dtype()) {
                    case F32, F16, BF16 -> {
                        opened.firstNonFinite(tensor.name());
                        require(opened.floats(tensor.name()).length == tensor.elements(), "elements");
                    }
                    default -> { }
                }
            }
            byte[] content = Files.readAllBytes(file);
            long header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
            require(8 + header + bytes == content.length, "an accepted file is covered exactly");
            return true;
        } catch (ModelFormatException e) {
            require(e.getMessage().startsWith(file.toString()), "a fault names the file");
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Replaces a file's content without emptying the file first. If a file is emptied and written again, ext4 writes it to the disk at
     * once.
     */
    public static void overwrite(Path file, byte[] content) {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.write(content);
            open.setLength(content.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] file(List<Entry> entries, Map<String, String> metadata) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            SafetensorsWriter.write(out, entries, metadata);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] anywhere(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        int length = 1 + random.nextInt(Math.min(16, bytes.length - at));
        return switch (random.nextInt(7)) {
            case 0 -> splice(bytes, at, at + 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
            case 1 -> splice(bytes, at, at + 1, new byte[] {(byte) random.nextInt(256)});
            case 2 -> splice(bytes, at, bytes.length, new byte[0]);
            case 3 -> splice(bytes, at, at + length, new byte[0]);
            case 4 -> splice(bytes, at, at, slice(bytes, at, at + length));
            case 5 -> splice(bytes, bytes.length, bytes.length, new byte[1 + random.nextInt(9)]);
            default -> withHeaderLength(bytes, LENGTHS[random.nextInt(LENGTHS.length)]);
        };
    }

    private static byte[] inHeader(byte[] bytes, Random random) {
        long claimed = bytes.length < 8 ? -1 : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (claimed < 1 || claimed > bytes.length - 8) {
            return anywhere(bytes, random);
        }
        int end = 8 + (int) claimed;
        String header = new String(slice(bytes, 8, end), ISO_8859_1);
        String changed = switch (random.nextInt(5)) {
            case 0, 1 -> replaceOne(header, NUMBER, NUMBERS[random.nextInt(NUMBERS.length)], random);
            case 2 -> replaceOne(header, STRING, STRINGS[random.nextInt(STRINGS.length)], random);
            case 3 -> replaceOne(header, Pattern.compile("(?s)."), "" + PUNCTUATION.charAt(random.nextInt(PUNCTUATION.length())), random);
            default -> new String(anywhere(header.getBytes(ISO_8859_1), random), ISO_8859_1);
        };
        byte[] spliced = splice(bytes, 8, end, changed.getBytes(ISO_8859_1));
        return random.nextInt(8) == 0 ? spliced : withHeaderLength(spliced, changed.length());
    }

    private static String replaceOne(String header, Pattern pattern, String replacement, Random random) {
        List<MatchResult> places = pattern.matcher(header).results().toList();
        if (places.isEmpty()) {
            return header + replacement;
        }
        MatchResult place = places.get(random.nextInt(places.size()));
        return header.substring(0, place.start()) + replacement + header.substring(place.end());
    }

    private static byte[] withHeaderLength(byte[] bytes, long length) {
        return bytes.length < 8 ? bytes
                : splice(bytes, 0, 8, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] replacement) {
        return ByteBuffer.allocate(bytes.length - (to - from) + replacement.length).put(bytes, 0, from).put(replacement)
                .put(bytes, to, bytes.length - to).array();
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError(rule);
        }
    }
}
