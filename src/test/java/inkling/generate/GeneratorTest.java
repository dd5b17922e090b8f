package inkling.generate;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.generate.Generator.Listener;
import inkling.tokenizer.bpe.ByteTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GeneratorTest extends GeneratedText {
    @Test void everySampleEqualsItsDefinitionWhereverTheContextEnds() {
        SamplingOptions options = OPTIONS.withSamples(6).withSeed(5).withRepetitionPenalty(1.3).withTopK(50);
        for (int context : new int[] {1, 2, 3, 4, 5, 20, 32, 33, 34, 100}) {
            for (int promptLength : new int[] {1, 3, 4, 5, 40}) {
                int[] prompt = IntStream.range(0, promptLength).map(i -> 7 * i % 256).toArray();
                Generation g = generate(FakeModel.noise(BYTES.vocabSize(), context), prompt, options);
                for (int i = 0; i < 6; i++) {
                    assertArrayEquals(slowly(BYTES.vocabSize(), context, prompt, options, i), g.samples().get(i).ids(),
                        "context %d, prompt %d, sample %d".formatted(context, promptLength, i));
                }
                assertEquals(promptLength + 30 - 1 > context, g.notice().isPresent());
            }
        }
    }

    @Test void aSampleDependsOnItsSeedAndNumberAlone() {
        int[] prompt = {1, 2, 3};
        Generation five = generate(FakeModel.noise(300, 64), prompt, OPTIONS.withSamples(5).withSeed(9));
        Generation two = generate(FakeModel.noise(300, 64), prompt, OPTIONS.withSamples(2).withSeed(9).withMaxTokens(10));
        assertArrayEquals(Arrays.copyOf(five.samples().get(1).ids(), 10), two.samples().get(1).ids());
        assertNotEquals(Arrays.toString(five.samples().get(0).ids()), Arrays.toString(five.samples().get(1).ids()));
        Generation other = generate(FakeModel.noise(300, 64), prompt, OPTIONS.withSeed(10));
        assertNotEquals(Arrays.toString(five.samples().get(0).ids()), Arrays.toString(other.samples().get(0).ids()));
    }

    @Test void thePromptIsReadOnceForAllSamples() {
        FakeModel model = FakeModel.noise(BYTES.vocabSize(), 64);
        generate(model, IntStream.range(0, 20).toArray(), OPTIONS.withSamples(3).withMaxTokens(4));
        assertEquals(20 + 3 * 3, model.tokensRead, "the last token of each sample need not be read");
        assertEquals(1 + 3, model.reads, "one token of every sample is read at once");
    }

    @Test void samplesThatEndEarlyLeaveAndTheOthersGoOnAsTheyWouldAlone() {
        for (int context : new int[] {8, 64}) {
            SamplingOptions options = SamplingOptions.DEFAULT.withTemperature(1).withMaxTokens(40).withSeed(3).withStop("e", "t", "END");
            Generation g = generate(FakeModel.noise(BYTES.vocabSize(), context), new int[] {65, 66}, options.withSamples(11));
            assertEquals(11, g.samples().size());
            assertTrue(g.samples().stream().map(s -> s.ids().length).distinct().count() > 4, "they end at different places");
            for (int i = 0; i < 11; i++) {
                int[] alone = slowly(BYTES.vocabSize(), context, new int[] {65, 66}, options, i);
                assertArrayEquals(Arrays.copyOf(alone, g.samples().get(i).ids().length), g.samples().get(i).ids(), "sample " + i);
            }
        }
    }

    @Test void theListenerHearsEverySampleInOrderAndGroupsOneAfterTheOther() {
        List<List<String>> heard = IntStream.range(0, 6).<List<String>>mapToObj(i -> new ArrayList<>()).toList();
        List<Integer> finished = new ArrayList<>();
        Listener listener = new Listener() {
            @Override
            public void token(int sample, DrawnToken step, Candidates candidates) {
                assertEquals(sample < FakeModel.WIDEST ? 0 : FakeModel.WIDEST, finished.size() / FakeModel.WIDEST * FakeModel.WIDEST);
                heard.get(sample).add("token");
            }

            @Override
            public void text(int sample, String text) {
                heard.get(sample).add(text);
            }

            @Override
            public void finished(int sample, Generation.Sample result) {
                finished.add(sample);
                heard.get(sample).add("finished");
            }
        };
        new Generator(FakeModel.saying(BYTES.vocabSize(), 1, 'a', 'b'), Optional.of(BYTES)).generate("p",
            OPTIONS.withSamples(6).withMaxTokens(2), listener);
        heard.forEach(one -> assertEquals(List.of("token", "a", "token", "b", "finished"), one));
        assertEquals(List.of(0, 1, 2, 3, 4, 5), finished);
    }

    @Test void oneLineTellsThatTheContextFilledUp() {
        Generation g = generate(FakeModel.noise(BYTES.vocabSize(), 16), IntStream.range(0, 10).toArray(), OPTIONS);
        assertEquals(Optional.of("The context of 16 tokens was full after 6 new tokens: from then on the last 16"
            + " tokens were read again for each new one, at positions from 0; in the end the first 23 of 39 tokens were out of view."),
            g.notice());
    }

    @Test void anEmptyPromptStartsFromEndOfText() {
        Generation g = new Generator(FakeModel.noise(BYTES.vocabSize(), 16), Optional.of(BYTES)).generate("", OPTIONS, Listener.NONE);
        assertArrayEquals(new int[] {ByteTokenizer.END_OF_TEXT}, g.promptIds());
    }

    @Test void anEmptyPromptWithoutEndOfTextIsRefused() {
        Generator noTokenizer = new Generator(FakeModel.noise(10, 16), Optional.empty());
        ConfigException e = assertThrows(ConfigException.class, () -> noTokenizer.generate(new int[0], OPTIONS, Listener.NONE));
        assertTrue(e.getMessage().startsWith("The prompt is empty, and this vocabulary has no <|endoftext|>"), e.getMessage());
    }

    @Test void withoutATokenizerIdsWorkAndTextDoesNot() {
        Generator noTokenizer = new Generator(FakeModel.noise(10, 16), Optional.empty());
        Generation g = noTokenizer.generate(new int[] {2, 0, 1}, OPTIONS, Listener.NONE);
        assertEquals(Optional.empty(), g.samples().get(0).text());
        assertEquals(30, g.samples().get(0).ids().length);
        assertTrue(assertThrows(ModelFormatException.class, () -> noTokenizer.generate("x", OPTIONS, Listener.NONE))
            .getMessage().contains("--tokenizer PATH"));
        assertThrows(ModelFormatException.class, () -> noTokenizer.generate(new int[] {1}, OPTIONS.withStop("x"), Listener.NONE));
    }

    @Test void anIdOutsideTheVocabularyIsNamed() {
        ConfigException e = assertThrows(ConfigException.class,
            () -> generate(FakeModel.noise(10, 16), new int[] {3, 10}, OPTIONS));
        says(e.getMessage(), "id 10", "2 of 2", "0 to 9");
        assertThrows(ConfigException.class, () -> generate(FakeModel.noise(10, 16), new int[] {-1}, OPTIONS));
    }

    @Test void piecesAreReadable() {
        TokenText tokenText = new TokenText(Optional.of(new ByteTokenizer("a\u001b[2J\n", "é")));
        assertEquals("a\\x1b[2J\\n", tokenText.readable(257));
        assertEquals("é", tokenText.readable(258));
        assertEquals("<0xE2>", tokenText.readable(0xE2));
        assertEquals("<|endoftext|>", tokenText.readable(256));
    }

    @Test void theJsonDocumentHasTheExpectedKeys() throws Exception {
        Generation g = generate(FakeModel.noise(BYTES.vocabSize(), 64), new int[] {1, 2},
            OPTIONS.withShowDistribution(1_000).withTopK(5).withMaxTokens(3).withSeed(77));
        JsonNode json = new ObjectMapper().readTree(new ObjectMapper().writeValueAsString(g.json()));
        assertEquals("[77,[1,2]]", "[" + json.get("seed") + "," + json.get("prompt_ids") + "]");
        JsonNode sample = json.get("samples").get(0);
        assertEquals("length", sample.get("finish_reason").textValue());
        assertTrue(sample.get("text").isTextual() && sample.get("ids").size() == 3);
        JsonNode step = sample.get("steps").get(0);
        assertEquals(List.of("id", "token", "probability", "logit", "rank", "entropy_bits", "top"), names(step));
        assertEquals(BYTES.vocabSize(), step.get("top").size());
        assertEquals(List.of("id", "token", "probability", "logit", "kept", "untruncated"), names(step.get("top").get(0)));
        double sum = 0;
        for (int i = 0; i < step.get("top").size(); i++) {
            JsonNode entry = step.get("top").get(i);
            sum += entry.get("probability").doubleValue();
            assertEquals(i < 5, entry.get("kept").booleanValue());
            assertEquals(i < 5, entry.get("probability").doubleValue() > 0);
            assertTrue(i == 0 || entry.get("logit").doubleValue() <= step.get("top").get(i - 1).get("logit").doubleValue());
        }
        assertEquals(1, sum, 1e-12);
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
