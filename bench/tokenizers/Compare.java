import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** How fast Inkling and Hugging Face's library encode one text with the same tokenizer.json, one thread each, in turn. */
class Compare {
    private static final int ROUNDS = 7;

    public static void main(String[] args) throws Exception {
        String all = text(args[0]);
        String text = all.substring(0, Math.min(all.length(), 1 << 20));
        System.out.println("tokenizer                  load     ours  library   ratio   (s; million characters/s, the median of " + ROUNDS
            + " rounds)");
        for (String file : Arrays.copyOfRange(args, 1, args.length)) {
            long before = System.nanoTime();
            Tokenizer ours = TokenizerFiles.read(Path.of(file));
            double load = seconds(before);
            try (HuggingFaceTokenizer library = HuggingFaceTokenizer.builder().optTokenizerPath(Path.of(file)).optTruncation(false)
                .optPadding(false).optAddSpecialTokens(false).build()) {
                compare(name(Path.of(file)), load, ours, library, text);
            }
        }
    }

    private static void compare(String name, double load, Tokenizer ours, HuggingFaceTokenizer library, String text) {
        long[] theirs = library.encode(text).getIds();
        if (!Arrays.equals(theirs, Arrays.stream(ours.encode(text)).asLongStream().toArray())) {
            throw new IllegalStateException(name + ": the ids differ.");
        }
        double[] own = new double[ROUNDS];
        double[] other = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            ours.encode(text);
            own[round] = seconds(start);
            start = System.nanoTime();
            library.encode(text).getIds();
            other[round] = seconds(start);
        }
        double millions = text.length() / 1e6;
        System.out.printf(Locale.ROOT, "%-24s %6.2f %8.2f %8.2f %7.1f%n", name, load, millions / median(own), millions / median(other),
            median(other) / median(own));
    }

    /** The text of a file, or the corpus of the tests if {@code file} is empty. */
    private static String text(String file) throws Exception {
        if (!file.isEmpty()) {
            return Files.readString(Path.of(file));
        }
        try (InputStream in = Compare.class.getResourceAsStream("/dickens.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** {@code qwen3} of {@code qwen3/tokenizer.json}, {@code llama2} of {@code llama2.json}. */
    private static String name(Path file) {
        boolean plain = file.getFileName().toString().equals("tokenizer.json");
        return plain ? file.toAbsolutePath().getParent().getFileName().toString() : file.getFileName().toString().replace(".json", "");
    }
}
