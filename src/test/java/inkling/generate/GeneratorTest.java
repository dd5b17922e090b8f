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
import inkling.generate.Generation.FinishReason;
import inkling.generate.Generator.Listener;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.bpe.ByteTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    private static final ByteTokenizer BYTES = new ByteTokenizer("END", " END.");
    private static final int END = 257;
    private static final int SPACE_END = 258;
    private static final SamplingOptions OPTIONS = SamplingOptions.DEFAULT.withTemperature(1).withMaxTokens(30).withIgnoreEos(true);

    private static Generation generate(NextLogits model, int[] prompt, SamplingOptions options) {
        return new Generator(model, Optional.of(BYTES)).generate(prompt, options, Listener.NONE);
    }

    /** What the model says is fixed: {@code script} after a prompt of one token. */
    private static Generation.Sample said(SamplingOptions options, List<String> streamed, int... script) {
        FakeModel model = FakeModel.saying(BYTES.vocabSize(), 1, script);
        Listener listener = new Listener() {
            @Override
            public void text(int sample, String text) {
                streamed.add(text);
            }
        };
        return new Generator(model, Optional.of(BYTES)).generate("p", options, listener).samples().get(0);
    }

    private static int[] ids(String text, int... more) {
        return IntStream.concat(Arrays.stream(BYTES.encode(text)), Arrays.stream(more)).toArray();
    }

    /** The definition: each token from the last {@code contextLength} tokens, no cache. */
    private static int[] slowly(int vocabSize, int context, int[] prompt, SamplingOptions options, int sample) {
        int[] all = prompt.clone();
        SampleDraws draws = new SampleDraws(options.seed(), sample);
        for (int i = 0; i < options.maxTokens(); i++) {
            BitSet seen = new BitSet();
            Arrays.stream(all).forEach(seen::set);
            float[] logits = FakeModel.noise(vocabSize, Arrays.copyOfRange(all, Math.max(0, all.length - context), all.length));
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = Sampler.of(options).candidates(logits, seen).distribution().draw(draws.next());
        }
        return Arrays.copyOfRange(all, prompt.length, all.length);
    }

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
        assertEquals(20 + 3 * 3, model.tokensRead, "of each sample the last token need not be read");
        assertEquals(1 + 3, model.reads, "a token of all samples is read at once");
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

    @Test void everySampleIsHeardOfInItsOwnOrderAndGroupsOneAfterTheOther() {
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
        assertEquals(Optional.of("The context of 16 tokens was full after 6 new tokens: from then on each token was computed from the last"
            + " 16 at positions 0 …, recomputed; in the end the first 23 of 39 tokens were out of view."), g.notice());
    }

    @Test void eachOfTheModelsEndsEndsASampleAndABeginningStandsBeforeItsPrompt() {
        SpecialIds ends = new SpecialIds(List.of((int) '^'), OptionalInt.empty(), OptionalInt.empty(), List.of(END, SPACE_END));
        for (int end : new int[] {END, SPACE_END}) {
            FakeModel model = FakeModel.saying(BYTES.vocabSize(), 2, 'h', ByteTokenizer.END_OF_TEXT, end, 'x');
            Generation g = new Generator(model, Optional.of(BYTES), ends).generate("p", OPTIONS.withIgnoreEos(false), Listener.NONE);
            Generation.Sample said = g.samples().get(0);
            assertArrayEquals(new int[] {'^', 'p'}, g.promptIds());
            assertArrayEquals(new int[] {'h', ByteTokenizer.END_OF_TEXT, end}, said.ids(), "<|endoftext|> is no end where the model names others");
            assertEquals(Optional.of("h<|endoftext|>"), said.text());
            assertEquals(FinishReason.EOS, said.finishReason());
        }
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

    @Test void endOfTextEndsAndIsNotInTheText() {
        Generation.Sample s = said(OPTIONS.withIgnoreEos(false), new ArrayList<>(), ids("Hi", ByteTokenizer.END_OF_TEXT, 'x'));
        assertEquals(Optional.of("Hi"), s.text());
        assertEquals(FinishReason.EOS, s.finishReason());
        assertArrayEquals(ids("Hi", ByteTokenizer.END_OF_TEXT), s.ids());
        assertEquals(3, s.steps().size());
    }

    @Test void endOfTextCanBeIgnored() {
        int[] script = ids("Hi", ByteTokenizer.END_OF_TEXT, 'x');
        Generation.Sample s = said(OPTIONS.withMaxTokens(4), new ArrayList<>(), script);
        assertEquals(Optional.of("Hi<|endoftext|>x"), s.text());
        assertEquals(FinishReason.LENGTH, s.finishReason());
    }

    @Test void aStopStringAcrossTokensEndsTheTextBeforeIt() {
        List<String> streamed = new ArrayList<>();
        Generation.Sample s = said(OPTIONS.withStop("\nTHE END"), streamed, ids("The T\nTHE ", END, 'x'));
        assertEquals(Optional.of("The T"), s.text());
        assertEquals("The T", String.join("", streamed));
        assertEquals(FinishReason.STOP, s.finishReason());
        assertEquals(11, s.ids().length);
    }

    @Test void aStopStringInsideATokenEndsTheTextToo() {
        assertEquals(Optional.of("a "), said(OPTIONS.withStop("END"), new ArrayList<>(), ids("a", SPACE_END)).text());
    }

    @Test void charactersSpreadOverTokensArriveWhole() {
        List<String> streamed = new ArrayList<>();
        Generation.Sample s = said(OPTIONS.withMaxTokens(7), streamed, ids("é👩b"));
        assertEquals(List.of("é", "👩", "b"), streamed);
        assertEquals(Optional.of("é👩b"), s.text());
    }

    @Test void theTextIsTheDecodedIdsEvenWhereTheyAreNoUtf8() {
        for (int[] script : new int[][] {
            {0xE2, 0x80}, {0xFF, 'a', 0xC3}, {0xF0, 0x9F, ByteTokenizer.END_OF_TEXT, 0xE2, 'x'}, {0xED, 0xA0, 0x80, 0xC3, 0xC3}
        }) {
            Generation.Sample s = said(OPTIONS.withMaxTokens(script.length), new ArrayList<>(), script);
            assertArrayEquals(script, s.ids());
            assertEquals(Optional.of(BYTES.decode(script)), s.text(), Arrays.toString(script));
        }
    }

    @Test void whatWasHeldBackForAStopIsGivenAtTheEnd() {
        List<String> streamed = new ArrayList<>();
        assertEquals(Optional.of("abEN"), said(OPTIONS.withMaxTokens(4).withStop("END"), streamed, ids("abEN")).text());
        assertEquals("abEN", String.join("", streamed));
    }

    @Test void aModelWithMoreIdsThanItsTokenizerStillSpeaks() {
        FakeModel model = FakeModel.saying(300, 1, 'a', 290, 'b');
        Generation g = new Generator(model, Optional.of(BYTES)).generate("p", OPTIONS.withMaxTokens(3), Listener.NONE);
        Generation.Sample s = g.samples().get(0);
        assertEquals(Optional.of("ab"), s.text());
        assertEquals(Optional.empty(), s.steps().get(1).token());
        assertEquals("#290", new TokenText(Optional.of(BYTES)).readable(290));
    }

    @Test void aStopEndsTheTextWithTheTokenThatWasDrawnLast() {
        FakeModel model = FakeModel.saying(BYTES.vocabSize(), 1, ids("The ENtrance"));
        int[] tokens = {0};
        Listener counting = counting(tokens);
        Generation.Sample s = new Generator(model, Optional.of(BYTES)).generate("p", OPTIONS.withStop("END"), counting,
            () -> tokens[0] == 6).samples().get(0);
        assertEquals(FinishReason.CANCELLED, s.finishReason());
        assertArrayEquals(ids("The EN"), s.ids());
        assertEquals(Optional.of("The EN"), s.text(), "what was held back for a stop string is given");
        assertEquals(6, model.reads, "the prompt and five tokens: nothing is computed after the last");
    }

    @Test void aStopWhileThePromptOfSeveralSamplesIsReadEndsThemAllBeforeTheirFirstToken() {
        boolean[] stop = {false};
        FakeModel model = new FakeModel(BYTES.vocabSize(), 64, ids -> {
            stop[0] = true;
            return FakeModel.noise(BYTES.vocabSize(), ids);
        });
        List<Integer> finished = new ArrayList<>();
        Listener listener = new Listener() {
            @Override
            public void finished(int sample, Generation.Sample result) {
                finished.add(sample);
            }
        };
        Generation g = new Generator(model, Optional.of(BYTES)).generate("prompt", OPTIONS.withSamples(6), listener, () -> stop[0]);
        assertEquals(1, model.reads);
        assertEquals(List.of(0, 1, 2, 3, 4, 5), finished);
        g.samples().forEach(s -> assertEquals("CANCELLED, 0 tokens, Optional[]",
            s.finishReason() + ", " + s.ids().length + " tokens, " + s.text()));
        assertEquals(Optional.empty(), g.notice());
    }

    @Test void whatIsStoppedBeforehandReadsNothing() {
        FakeModel model = FakeModel.noise(BYTES.vocabSize(), 4);
        Generation g = new Generator(model, Optional.of(BYTES)).generate("a prompt beyond the context", OPTIONS, Listener.NONE, () -> true);
        assertEquals(0, model.reads);
        assertEquals(FinishReason.CANCELLED, g.samples().get(0).finishReason());
        assertEquals(Optional.empty(), g.notice());
    }

    /** The wish comes up while the model computes: what it computes then is drawn by nobody. */
    @Test void aStopWhileTokensAreComputedEndsAllSamplesWithinThatToken() {
        for (int context : new int[] {3, 64}) { // full from the first token on; never full
            for (int last : new int[] {2, 5, 9}) {
                int[] passes = {0};
                FakeModel[] model = new FakeModel[1];
                model[0] = new FakeModel(BYTES.vocabSize(), context, ids -> {
                    passes[0] = model[0].reads;
                    return FakeModel.noise(BYTES.vocabSize(), ids);
                });
                SamplingOptions three = OPTIONS.withSamples(3).withSeed(4);
                Generation g = new Generator(model[0], Optional.of(BYTES)).generate(new int[] {1, 2, 3, 4}, three, Listener.NONE,
                    () -> passes[0] == last);
                assertEquals(last, model[0].reads);
                for (int i = 0; i < 3; i++) {
                    int[] whole = slowly(BYTES.vocabSize(), context, new int[] {1, 2, 3, 4}, three, i);
                    assertArrayEquals(Arrays.copyOf(whole, last - 1), g.samples().get(i).ids(), "context " + context + ", sample " + i);
                    assertEquals(FinishReason.CANCELLED, g.samples().get(i).finishReason());
                }
            }
        }
    }

    @Test void samplesThatWereCompleteStayAsTheyAreAndAStopIsFinal() {
        int[] tokens = {0};
        boolean[] said = {false};
        BooleanSupplier once = () -> !said[0] && tokens[0] == 4 * 5 + 4 && (said[0] = true);
        Generation g = new Generator(FakeModel.noise(BYTES.vocabSize(), 64), Optional.of(BYTES)).generate("p",
            OPTIONS.withSamples(10).withMaxTokens(5), counting(tokens), once);
        List<String> ends = g.samples().stream().map(s -> s.finishReason() + " " + s.ids().length).toList();
        assertEquals(List.of("LENGTH 5", "LENGTH 5", "LENGTH 5", "LENGTH 5"), ends.subList(0, 4), "the first group");
        assertEquals(List.of("CANCELLED 1", "CANCELLED 1", "CANCELLED 1", "CANCELLED 1"), ends.subList(4, 8), "the second");
        assertEquals(List.of("CANCELLED 0", "CANCELLED 0"), ends.subList(8, 10), "the third");
    }

    private static Listener counting(int[] tokens) {
        return new Listener() {
            @Override
            public void token(int sample, DrawnToken step, Candidates candidates) {
                tokens[0]++;
            }
        };
    }

    @Test void piecesAreReadable() {
        TokenText tokenText = new TokenText(Optional.of(new ByteTokenizer("a\u001b[2J\n", "é")));
        assertEquals("a\\x1b[2J\\n", tokenText.readable(257));
        assertEquals("é", tokenText.readable(258));
        assertEquals("<0xE2>", tokenText.readable(0xE2));
        assertEquals("<|endoftext|>", tokenText.readable(256));
    }

    @Test void theDocumentHasTheKeysOfTheContract() throws Exception {
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
