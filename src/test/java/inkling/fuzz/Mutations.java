package inkling.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Ways to spoil a file: random edits, and fragments that often cause trouble in JSON, YAML, CSV and templates. */
final class Mutations {
    private static final String[] PIECES = {"0", "-1", "1e400", "2147483648", "9223372036854775808", "18446744073709551616", "1e999999999",
        "3.7", "010",
        "NaN", ".inf", "12:30", "null", "~", "true", "yes", "\"\"", "\"4\"", "{}", "[]", "[[", "}}", "{\"a\":1,\"a\":2}", "&a [*a]", "*a",
            "!!java.net.URL x",
        "!!binary aGk=", "--- ", "\n---\n", "? ", "|\n", "\t", "\r", "\r\n", "\0", "\uFEFF", "\u202E", "\uD83D\uDE00", "\\ud800",
            "\\u0000", "../../x", "/dev/zero",
        "\"__metadata__\"", "<|endoftext|>", "%s%n", "=1+1", "\u001b[2J", " ".repeat(3000), "[".repeat(200), "9".repeat(500)};
    private static final int[][] BYTES = {{0xC3, 0x28}, {0xED, 0xA0, 0x80}, {0xC0, 0xAF}, {0xF8, 0x88}, {0xFF}, {0xE2, 0x82}, {0x80},
        {0xEF, 0xBB, 0xBF}};

    private Mutations() {}

    /** A copy after one to four edits, the same for the same state of {@code random}. Some edits happen to change nothing. */
    static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int faults = 1 + random.nextInt(1 + random.nextInt(4)); faults > 0; faults--) {
            bytes = spoil(bytes, random);
        }
        return bytes;
    }

    private static byte[] spoil(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int end = at + random.nextInt(1 + Math.min(1 + random.nextInt(24), bytes.length - at));
        return switch (random.nextInt(10)) {
            case 0 -> splice(bytes, at, bytes.length, new byte[0]);                                        // cut short
            case 1 -> splice(bytes, at, end, new byte[0]);
            case 2 -> splice(bytes, at, at, slice(bytes, at, end));                                        // repeated
            case 3 -> bytes.length == 0 ? bytes : splice(bytes, at, at, new byte[] {bytes[random.nextInt(bytes.length)]});
            case 4 -> splice(bytes, at, at, malformed(random));
            case 5 -> at == bytes.length ? bytes : splice(bytes, at, at + 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
            case 6 -> line(bytes, random);
            default -> word(bytes, at, random);
        };
    }

    private static byte[] malformed(Random random) {
        int[] chosen = BYTES[random.nextInt(BYTES.length)];
        byte[] bytes = new byte[chosen.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) chosen[i];
        }
        return bytes;
    }

    /** Puts a copy of a line after another line or in its place, or indents a line. */
    private static byte[] line(byte[] bytes, Random random) {
        String[] lines = new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1);
        int from = random.nextInt(lines.length);
        int to = random.nextInt(lines.length);
        lines[to] = switch (random.nextInt(3)) {
            case 0 -> lines[to] + "\n" + lines[from];
            case 1 -> lines[from];
            default -> " ".repeat(1 + random.nextInt(3)) + lines[to];
        };
        return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Puts a fragment in place of the word or number around {@code at}; where there is none, inserts the fragment. */
    private static byte[] word(byte[] bytes, int at, Random random) {
        int from = at;
        int to = at;
        while (from > 0 && isWord(bytes[from - 1])) {
            from--;
        }
        while (to < bytes.length && isWord(bytes[to])) {
            to++;
        }
        return splice(bytes, from, to, PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isWord(byte b) {
        return b < 0 || Character.isLetterOrDigit(b) || b == '_' || b == '.' || b == '-' || b == '"';
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] replacement) {
        return ByteBuffer.allocate(bytes.length - (to - from) + replacement.length).put(bytes, 0, from).put(replacement)
            .put(bytes, to, bytes.length - to).array();
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }
}
