package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.generate.Generation.FinishReason;
import inkling.generate.Generator.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A text that is stopped from outside. */
class GeneratorStopTest extends GeneratedText {
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

    /** The stop comes while the model computes. No token is drawn from what it then computes. */
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
}
