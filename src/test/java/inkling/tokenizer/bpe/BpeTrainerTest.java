package inkling.tokenizer.bpe;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.Fixtures;
import inkling.errors.ConfigException;
import inkling.tokenizer.huggingface.HuggingFaceOracle;
import inkling.tokenizer.huggingface.NastyStrings;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.tokenizer.split.Gpt2Split;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("thorough")
class BpeTrainerTest {
    @Test
    void workedExample() {
        // pairs of "aaabdaaabac": aa 4 times, then Z=aa: ab 2 (and Za 2: lower left id wins), then ZY = "aaab"
        BpeTokenizer trained = new BpeTrainer(257 + 3).add("aaabdaaabac").train();
        assertEquals(List.of("aa", "ab", "aaab"), trained.model().tokens().subList(256, 259));
        assertEquals("aaab|d|aaab|a|c", pieces(trained, "aaabdaaabac"));
        assertEquals(259, trained.endOfText().orElseThrow());
    }

    @Test
    void ofEquallyFrequentPairsTheLowerIdsWin() {
        assertEquals("ab", new BpeTrainer(258).add("zy cd ab").train().token(256));
        assertEquals("ab", new BpeTrainer(258).add("ad,ac,ab").train().token(256));
        assertEquals("zz", new BpeTrainer(258).add("ab zz zz").train().token(256), "frequency counts before low ids");
    }

    @Test
    void documentsOneByOneGiveTheVocabularyOfAllAtOnce() {
        String text = Fixtures.macbeth();
        BpeTrainer trainer = new BpeTrainer(600);
        text.lines().forEach(line -> trainer.add(line).add("\n"));
        BpeTrainer marked = new BpeTrainer(600);
        marked.add(text.lines().collect(Collectors.joining("<|endoftext|>\n<|endoftext|>", "", "<|endoftext|>\n")));
        assertEquals(trainer.train().model().tokens(), marked.train().model().tokens(),
            "<|endoftext|> separates documents; nothing is learned from it");
    }

    @Test
    void everyMergeIsTheMostFrequentRemainingPair() {
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            String text = IntStream.range(0, 300).mapToObj(i -> "aaabc 1\n".charAt(random.nextInt(8)) + "").collect(Collectors.joining());
            assertEquals(naive(text, 40), new BpeTrainer(257 + 40).add(text).train().model().tokens().subList(256, 296), text);
        }
    }

    @Test
    void tooSmallAVocabularyIsRefused() {
        ConfigException e = assertThrows(ConfigException.class, () -> new BpeTrainer(256));
        says(e.getMessage(), "vocab_size = 256", "at least 257");
        assertEquals("vocab_size", e.problems().get(0).field());
        assertEquals(257, new BpeTrainer(257).add("").train().vocabSize());
    }

    @Test
    void aTextThatRunsOutOfPairsNamesTheLargestVocabulary() {
        ConfigException e = assertThrows(ConfigException.class, () -> new BpeTrainer(1024).add("banana banana").train());
        says(e.getMessage(), "vocab_size = 1024", "at most 262", "vocab_size: 262");
        assertEquals(2, new BpeTrainer(262).add("banana banana").train().encode("banana banana").length);
    }

    @Test
    void aHugeWordIsLearnedFromInReasonableTime() {
        Random random = new Random(1);
        String word = IntStream.range(0, 200_000).mapToObj(i -> (char) ('a' + random.nextInt(26)) + "").collect(Collectors.joining());
        assertEquals(400, new BpeTrainer(400).add(word).train().vocabSize());
    }

    /** Trains on Dickens, and lets Hugging Face's library read the tokenizer that is written. */
    @Test
    void idsOfATrainedVocabularyEqualHuggingFaces(@TempDir Path directory) {
        BpeTokenizer trained = new BpeTrainer(1024).add(Fixtures.dickens()).train();
        TokenizerFiles.write(trained, directory);
        assertEquals(1024, trained.vocabSize());
        assertEquals(1023, trained.endOfText().orElseThrow());
        try (HuggingFaceOracle oracle = new HuggingFaceOracle(directory.resolve("tokenizer.json"))) {
            for (String text : NastyStrings.all()) {
                assertArrayEquals(oracle.encode(text), trained.encode(text), text);
            }
            for (String text : List.of(Fixtures.dickens(), Fixtures.macbeth())) {
                int[] ids = trained.encode(text);
                assertArrayEquals(oracle.encode(text), ids);
                assertEquals(text, trained.decode(ids));
            }
        }
    }

    /** A run file's default is 1,024 tokens, or fewer if the text does not give so many. */
    @Test
    void aSmallTextMayGiveFewerTokens() {
        BpeTokenizer tokenizer = new BpeTrainer(1024).add("abab abab").trainAtMost();
        assertEquals(256 + 3 + 1, tokenizer.vocabSize());   // ab, abab, " abab" and the end
        assertEquals(2, tokenizer.encode("abab abab").length);
        assertEquals(258, new BpeTrainer(258).add("abab abab").trainAtMost().vocabSize());
    }

    /**
     * On the tales that our own models learned, the merges are those of {@link #naive}. On Dickens they are those that an independent
     * trainer found, if its model is in {@code ../shared}.
     */
    @Test
    void mergesEqualThoseOfAnIndependentTrainer() {
        String tales = Fixtures.tales();
        BpeTokenizer own = (BpeTokenizer) TokenizerFiles.find(Fixtures.own("gpt2")).orElseThrow();
        assertEquals(naive(tales.substring(0, (int) Math.floor(tales.length() * 0.9)), 63), own.model().tokens().subList(256, 319));
        Fixtures.sharedIfThere("pretrained/dickens-gpt2").map(model -> (BpeTokenizer) TokenizerFiles.find(model).orElseThrow())
            .forEach(theirs -> {
            String text = Fixtures.dickens();
            BpeTokenizer ours = new BpeTrainer(1025).add(text.substring(0, (int) Math.floor(text.length() * 0.9))).train();
            assertEquals(mergesOf(theirs), mergesOf(ours), "compared as sets: equally frequent pairs had another order");
        });
    }

    private static Set<String> mergesOf(BpeTokenizer tokenizer) {
        return tokenizer.model().merges().stream().map(m -> tokenizer.token(m.left()) + " " + tokenizer.token(m.right()))
            .collect(Collectors.toSet());
    }

    private static String pieces(BpeTokenizer tokenizer, String text) {
        return IntStream.of(tokenizer.encode(text)).mapToObj(tokenizer::piece).collect(Collectors.joining("|"));
    }

    /** Merges by definition: counts all pairs anew for each merge. */
    private static List<String> naive(String text, int merges) {
        List<ArrayList<String>> words = new ArrayList<>();
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        Gpt2Split.INSTANCE.split(utf8, 0, utf8.length, (bytes, from, to) -> {
            ArrayList<String> word = new ArrayList<>();
            for (int i = from; i < to; i++) {
                word.add(String.valueOf(ByteAlphabet.character(utf8[i] & 0xFF)));
            }
            words.add(word);
        });
        List<String> tokens = new ArrayList<>();
        for (int b : ByteAlphabet.bytesInOrder()) {
            tokens.add(String.valueOf(ByteAlphabet.character(b)));
        }
        for (int m = 0; tokens.size() < 256 + merges; m++) {
            Map<List<String>, Integer> counts = new HashMap<>();
            words.forEach(word -> IntStream.range(1, word.size())
                .forEach(i -> counts.merge(List.of(word.get(i - 1), word.get(i)), 1, Integer::sum)));
            List<String> best = counts.entrySet().stream().min(Comparator
                .comparingInt((Map.Entry<List<String>, Integer> e) -> -e.getValue())
                .thenComparingInt(e -> tokens.indexOf(e.getKey().get(0))).thenComparingInt(e -> tokens.indexOf(e.getKey().get(1))))
                .orElseThrow().getKey();
            String together = best.get(0) + best.get(1);
            if (!tokens.contains(together)) {
                tokens.add(together);
            }
            words.forEach(word -> {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (word.get(i).equals(best.get(0)) && word.get(i + 1).equals(best.get(1))) {
                        word.set(i, together);
                        word.remove(i + 1);
                    }
                }
            });
        }
        return tokens.subList(256, tokens.size());
    }
}
