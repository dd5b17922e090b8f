package inkling.generate.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.generate.Generation;
import inkling.generate.Generation.FinishReason;
import inkling.generate.GenerationSession;
import inkling.generate.Generator.Listener;
import inkling.generate.SamplingOptions;
import inkling.model.Gpt;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("thorough")
class DraftSessionTest {
    private static final int V = 61;
    private static final int CONTEXT = 64;

    private final NDManager manager = Devices.manager(Device.cpu());
    private final ComputeContext context = ComputeContext.of("cpu").withThreads(1);
    private final Gpt large = model(2, 32, 9, V, CONTEXT);

    private Gpt model(int layers, int width, long seed, int vocabulary, int contextLength) {
        Gpt gpt = Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(layers).nHead(2).nEmbd(width).contextLength(contextLength)
            .positions(Positions.ROPE)).over(vocabulary), manager, seed);
        gpt.parameters().arrays().forEach(p -> p.muli(6)); // so that it clearly prefers some tokens, as a trained model does
        return gpt;
    }

    /** The large model with slightly changed matrices. Its likeliest token is often that of the large model, but not always. */
    private Gpt near() {
        Gpt gpt = model(2, 32, 9, V, CONTEXT);
        Gpt noise = model(2, 32, 10, V, CONTEXT);
        gpt.parameters().asMap().forEach((name, p) -> {
            if (p.getShape().dimension() == 2) {
                p.addi(noise.parameters().get(name).mul(0.12));
            }
        });
        return gpt;
    }

    @AfterEach
    void free() {
        manager.close();
    }

    private DraftSession session(Gpt draft) {
        return DraftSession.open(large, draft, Optional.empty(), SpecialIds.NONE, context);
    }

    private static int[] ids(Generation generation) {
        return generation.samples().get(0).ids();
    }

    /**
     * Drafts come from a model that is near the large one and from one that knows nothing. Prompts have 1 to 50 tokens, some texts outgrow
     * the context, and some have a repetition penalty.
     */
    @Test
    void greedyTextsAreTheSameAsWithoutADraft() {
        SamplingOptions greedy = SamplingOptions.DEFAULT.withTemperature(0);
        long taken = 0;
        for (Gpt draft : List.of(near(), model(1, 8, 3, V, 40))) {
            try (DraftSession drafted = session(draft); GenerationSession alone = GenerationSession.open(large,
                Optional.empty(), context)) {
                for (int i = 0; i < 50; i++) {
                    int[] prompt = new Random(i).ints(1 + i, 0, V).toArray();
                    SamplingOptions options = greedy.withMaxTokens(10 + i % 20).withRepetitionPenalty(i % 3 == 0 ? 1.3 : 1);
                    assertArrayEquals(ids(alone.generate(prompt, options, Listener.NONE)),
                        ids(drafted.generate(prompt, options, Listener.NONE, () -> false)), "prompt " + i);
                }
                long now = drafted.acceptance().taken();
                assertTrue(draft.config().nLayer() == 1 || now > 0.25 * drafted.acceptance().drafted(), drafted.acceptance().toString());
                assertTrue(now < drafted.acceptance().drafted(), "some were refused");
                taken += now;
            }
        }
        assertTrue(taken > 0);
    }

    @Test
    void aModelThatDraftsForItselfIsAlwaysRight() {
        try (DraftSession drafted = session(large)) {
            drafted.generate(new int[] {3, 4}, SamplingOptions.DEFAULT.withMaxTokens(50).withTemperature(0), Listener.NONE, () -> false);
            assertTrue(drafted.acceptance().rate() == 1 && drafted.acceptance().drafted() > 30, drafted.acceptance().toString());
        }
    }

    /**
     * Compares the distribution of the second and of the third token of a text with and without a draft, by the two-sample chi-square
     * statistic. The options have a repetition penalty and, for most prompts, a truncation.
     */
    @Test
    void tokensAreDistributedAsWithoutADraft() {
        assertSameDistribution(3, 150);
    }

    @Test
    @Tag("long")
    void tokensAreDistributedAsWithoutADraftForTwentyPrompts() {
        assertSameDistribution(20, 1_000);
    }

    private void assertSameDistribution(int prompts, int draws) {
        double statistic = 0;
        int freedom = 0;
        try (DraftSession drafted = session(near()); GenerationSession alone = GenerationSession.open(large, Optional.empty(), context)) {
            for (int i = 0; i < prompts; i++) {
                int[] prompt = new Random(i).ints(3 + i, 0, V).toArray();
                SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(3).withSamples(draws).withSeed(i).withTemperature(1.5)
                    .withTopK(i % 2 == 0 ? 12 : 0).withTopP(i % 4 == 1 ? 0.9 : 1).withRepetitionPenalty(1.2);
                Generation byBoth = drafted.generate(prompt, options, Listener.NONE, () -> false);
                Generation byOne = alone.generate(prompt, options.withSeed(1_000 + i), Listener.NONE);
                for (int place = 1; place < 3; place++) {
                    int[] with = counts(byBoth, place);
                    int[] without = counts(byOne, place);
                    for (int id = 0, rareWith = 0, rareWithout = 0; id <= V; id++) {
                        boolean rest = id == V;
                        int a = rest ? rareWith : with[id];
                        int b = rest ? rareWithout : without[id];
                        if (!rest && a + b < 10) {
                            rareWith += a;
                            rareWithout += b;
                        } else if (a + b > 0) {
                            statistic += (double) (a - b) * (a - b) / (a + b);
                            freedom++;
                        }
                    }
                    freedom--;
                }
            }
            assertTrue(drafted.acceptance().rate() > 0.3 && drafted.acceptance().rate() < 0.99, drafted.acceptance().toString());
        }
        // Wilson and Hilferty's approximation; 3.09 standard deviations are p = 0.001
        double normal = (Math.cbrt(statistic / freedom) - (1 - 2.0 / (9 * freedom))) / Math.sqrt(2.0 / (9 * freedom));
        assertTrue(normal < 3.09, "chi-square %.1f of %d degrees of freedom".formatted(statistic, freedom));
    }

    private static int[] counts(Generation generation, int place) {
        int[] counts = new int[V];
        generation.samples().forEach(sample -> counts[sample.ids()[place]]++);
        return counts;
    }

    @Test
    void aDraftedTextEndsWhenItIsStoppedAndAtItsEndToken() {
        try (DraftSession drafted = DraftSession.open(large, near(), Optional.empty(), SpecialIds.NONE.withEnds(17), context)) {
            int[] asked = {0};
            Generation stopped = drafted.generate(new int[] {3}, SamplingOptions.DEFAULT.withMaxTokens(1_000).withSamples(3),
                Listener.NONE, () -> asked[0]++ == 5);
            stopped.samples().forEach(sample -> assertEquals(FinishReason.CANCELLED, sample.finishReason(), "a stop is final"));
            assertEquals(6, asked[0]);
            assertEquals(0, stopped.samples().get(1).ids().length);
            Generation whole = drafted.generate(new int[] {3}, SamplingOptions.DEFAULT.withMaxTokens(2_000).withTemperature(3),
                Listener.NONE,
                () -> false);
            int[] ids = ids(whole);
            assertEquals(FinishReason.EOS, whole.samples().get(0).finishReason());
            assertEquals(ids.length - 1, Arrays.stream(ids).boxed().toList().indexOf(17), "nothing after the end, though it was drafted");
        }
    }

    @Test
    void draftsWithOtherTokensAreRefused() {
        assertThrows(ConfigException.class, () -> session(model(1, 8, 3, V + 1, CONTEXT)));
        CharTokenizer letters = CharTokenizer.fit("abcd");
        DraftSession.requireSameTokens(letters, CharTokenizer.fit("dcba"));
        String text = assertThrows(ConfigException.class, () -> DraftSession.requireSameTokens(letters, CharTokenizer.fit("abce")))
            .getMessage();
        assertTrue(text.contains("Token 3 is \"d\" to the model and \"e\" to the draft"), text);
        assertThrows(ConfigException.class, () -> DraftSession.requireSameTokens(letters, CharTokenizer.fit("abc")));
    }
}
