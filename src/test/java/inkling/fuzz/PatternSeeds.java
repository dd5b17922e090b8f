package inkling.fuzz;

import inkling.errors.ModelFormatException;
import inkling.formats.peft.Patterns;
import inkling.io.text.TextFiles;
import inkling.tokenizer.split.RegexSplit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.PatternSyntaxException;

/** Regular expressions like those in the files of other programs, and mutations that put pieces of their syntax into them. */
final class PatternSeeds {
    static final String FILE = "pattern.txt";
    private static final String[] SIGNS = {"(", ")", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?P<n>", "(?i)", "[", "]",
        "[^", "|", "*",
        "+", "?", "*?", "++", "?+", "{1,3}", "{2}", "{,4}", "{3,}", "{9999}", "{0,9999}", ".", "^", "$", "\\b", "\\B", "\\A", "\\Z",
        "\\z", "\\G",
        "\\s", "\\S", "\\d", "\\w", "\\W", "\\p{L}", "\\p{Lu}", "\\P{N}", "\\p{^L}", "\\p{Han}", "\\p{M}", "\\1", "\\k<n>", "\\x41",
        "\\x{1F600}",
        "\\u0041", "\\n", "\\r", "\\", "-", "a-z", "[[:alpha:]]", "&&", "[a&&b]", "ſ", "K", "İ", "é", "日", "😀", "\uDBFF\uDFFF",
        "(a|b)*", "(a*)*",
        "(?:a|aa)+$", "(?=a*)*", "#", "\\Q", "\\E", "(?#x)", "(?x)", "'s", " "};
    private static final byte[] TEXT = ("I'll pay 1234 or 12.5 for bananas, naïve ſ\u212A\u0130 日本語 😀😀\r\n\r\n\t  x = (y+1)*2;  "
        + "a".repeat(300)
        + " ".repeat(300) + "ab".repeat(150) + "1".repeat(100) + "e\u0301\u0301 ").getBytes(StandardCharsets.UTF_8);
    private static final List<String> MODULES = List.of("transformer.h.0.attn.c_attn", "model.layers.11.self_attn.q_proj", "lm_head", "",
        "a".repeat(60), "h." + "0.".repeat(40));

    private PatternSeeds() {}

    static List<byte[]> splits() {
        return TextSeeds.utf8("'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| "
            + "?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| "
            + "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}",
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            "[a-zé-ü0-9]+|(?<=a)b(?<!x)|[^x]{2}|\\S+");
    }

    static List<byte[]> modules() {
        return TextSeeds.utf8("(?i).*\\.(?:q|k|v)_proj", "transformer\\.h\\.[0-9]{1,2}\\.(?:attn\\.c_(?!proj)\\w+|mlp\\.c_proj)",
            "model\\.layers\\.(?P<n>\\d+)\\.(self_attn|mlp)\\.\\w*?_proj$", "^(?!lm_head)[a-z_.\\d]+(?<!embed)(?<=proj)\\Z");
    }

    static byte[] mutate(byte[] seed, Random random) {
        String pattern = new String(seed, StandardCharsets.UTF_8);
        for (int faults = 1 + random.nextInt(2); faults > 0; faults--) {
            int[] points = pattern.codePoints().toArray();
            int at = random.nextInt(points.length + 1);
            int end = Math.min(points.length, at + random.nextInt(4));
            pattern = new String(points, 0, at) + SIGNS[random.nextInt(SIGNS.length)] + new String(points, end, points.length - end);
        }
        byte[] bytes = pattern.getBytes(StandardCharsets.UTF_8);
        return random.nextInt(4) == 0 ? Mutations.mutate(bytes, random) : bytes;
    }

    /** Splits a text; the pieces must be its bytes, in their order. */
    static void split(Path directory) {
        RegexSplit split = understood(directory, RegexSplit::of);
        int[] at = {0};
        split.split(TEXT, 0, TEXT.length, (bytes, start, end) -> {
            Format.require(start == at[0] && end > start, "a piece from %d to %d after %d".formatted(start, end, at[0]));
            at[0] = end;
        });
        Format.require(at[0] == TEXT.length, "pieces end at " + at[0]);
    }

    static void match(Path directory) {
        MODULES.forEach(module -> understood(directory, pattern -> Patterns.fullMatch(pattern, module)));
    }

    private interface Use<T> {
        T of(String pattern);
    }

    private static <T> T understood(Path directory, Use<T> use) {
        try {
            return use.of(TextFiles.readPart(directory.resolve(FILE)));
        } catch (PatternSyntaxException e) {
            throw new ModelFormatException(e.getDescription(), e);
        }
    }
}
