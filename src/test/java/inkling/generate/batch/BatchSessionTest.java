package inkling.generate.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.Generation;
import inkling.generate.Generation.FinishReason;
import inkling.generate.GenerationSession;
import inkling.generate.Generator.Listener;
import inkling.generate.Prompts;
import inkling.generate.SamplingOptions;
import inkling.generate.TokenText;
import inkling.generate.batch.BatchPrompt.Reuse;
import inkling.model.Gpt;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import inkling.tokenizer.SpecialIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BatchSessionTest {
    private static final int CONTEXT = 128;
    private static final SamplingOptions THIRTY = SamplingOptions.DEFAULT.withMaxTokens(30);
    private static final BatchLimits LIMITS = new BatchLimits(4, 1 << 20, 16, 1 << 30);

    private final NDManager manager = Devices.manager(Device.cpu());
    private final ComputeContext context = ComputeContext.of("cpu");
    private final Gpt gpt = Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(32).nInner(64)
        .contextLength(CONTEXT).positions(Positions.ROPE)).over(61), manager, 9);

    @AfterEach
    void free() {
        manager.close();
    }

    private BatchSession open(BatchLimits limits) {
        gpt.parameters().arrays().forEach(p -> p.muli(6)); // so that it clearly prefers some tokens, as a trained model does
        return BatchSession.open(gpt, Optional.empty(), SpecialIds.NONE, context, limits);
    }

    private Generation alone(int[] prompt, SamplingOptions options) {
        try (GenerationSession session = GenerationSession.open(gpt, Optional.empty(), context)) {
            return session.generate(prompt, options, Listener.NONE);
        }
    }

    private static int[] prompt(int number) {
        return new Random(number).ints(1 + 9 * number, 0, 61).toArray();
    }

    private static void finish(BatchSession session) {
        while (session.step()) { }
    }

    private static int[] ids(CompletableFuture<BatchResult> result) {
        return result.join().generation().samples().get(0).ids();
    }

    /**
     * There are more prompts than rows. The prompts differ in length, and so do their texts. Some prompts are longer than what one step
     * reads, and some texts outgrow the context.
     */
    @Tag("thorough")
    @Test
    void promptsThatComeAndGoGiveWhatEachGivesAlone() {
        try (BatchSession session = open(LIMITS)) {
            List<CompletableFuture<BatchResult>> results = new ArrayList<>();
            List<SamplingOptions> options = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                options.add(THIRTY.withMaxTokens(10 + 7 * i).withSeed(i).withTemperature(i % 3 == 0 ? 0 : 1).withSamples(1 + i % 2));
                results.add(session.submit(BatchPrompt.of(prompt(i), options.get(i))));
                session.step(); // they join at different times
            }
            finish(session);
            for (int i = 0; i < results.size(); i++) {
                Generation expected = alone(prompt(i), options.get(i));
                Generation actual = results.get(i).join().generation();
                assertEquals(expected.samples().size(), actual.samples().size());
                for (int sample = 0; sample < expected.samples().size(); sample++) {
                    assertArrayEquals(expected.samples().get(sample).ids(), actual.samples().get(sample).ids(), "prompt " + i);
                }
                assertEquals(expected.notice(), actual.notice());
            }
            assertTrue(results.get(11).join().generation().notice().isPresent(), "the last one's context was full");
            assertFalse(session.step(), "nothing left");
        }
    }

    @Test
    void aPromptEndsAloneWhenItIsStoppedOrItsListenerFails() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        Listener failing = new Listener() {
            @Override
            public void token(int sample, DrawnToken step, Candidates candidates) {
                if (seen.incrementAndGet() == 5) {
                    throw new IllegalArgumentException("the reader is gone");
                }
            }
        };
        int[] tokens = {0};
        Listener counting = new Listener() {
            @Override
            public void token(int sample, DrawnToken step, Candidates candidates) {
                tokens[0]++;
            }
        };
        try (BatchSession session = open(LIMITS)) {
            var other = session.submit(BatchPrompt.of(prompt(2), THIRTY));
            var broken = session.submit(new BatchPrompt(prompt(1), THIRTY, Optional.empty(), failing, () -> false, Reuse.ALLOWED));
            var stopped = session.submit(new BatchPrompt(prompt(3), THIRTY, Optional.empty(), counting, () -> tokens[0] == 7,
                Reuse.ALLOWED));
            var before = session.submit(new BatchPrompt(prompt(3), THIRTY, Optional.empty(), Listener.NONE, () -> true, Reuse.ALLOWED));
            var cancelled = session.submit(BatchPrompt.of(prompt(1), THIRTY.withMaxTokens(1_000)));
            session.step();
            cancelled.cancel(true);
            finish(session);
            assertArrayEquals(alone(prompt(2), THIRTY).samples().get(0).ids(), ids(other));
            assertEquals("the reader is gone", assertThrows(ExecutionException.class, broken::get).getCause().getMessage());
            assertEquals(FinishReason.CANCELLED, stopped.join().generation().samples().get(0).finishReason());
            assertArrayEquals(Arrays.copyOf(alone(prompt(3), THIRTY).samples().get(0).ids(), 7), ids(stopped));
            assertEquals(0, ids(before).length);
            assertTrue(cancelled.isCancelled());
        }
    }

    /** The closed {@code Sequences} stands for full memory, because it cannot open a sequence either. */
    @Test
    void aPromptThatMemoryHasNoRoomForEndsWithTheFault() {
        Sequences sequences = new Sequences(gpt, manager, context, 0);
        sequences.close();
        RunningTexts running = new RunningTexts(LIMITS, sequences);
        Prompts prompts = new Prompts(new TokenText(Optional.empty()), SpecialIds.NONE, 61);
        TextUnderWay text = new TextUnderWay(BatchPrompt.of(prompt(1), THIRTY), prompts, prompt(1));
        running.begin(text);
        assertTrue(text.result.isCompletedExceptionally());
        assertTrue(running.isEmpty());
    }

    /** In chat, the next prompt begins with the whole previous text. Also, a prompt may begin like another one that is under way. */
    @Test
    void aPromptBeginsWithWhatWasReadForAnother() {
        try (BatchSession session = open(LIMITS)) {
            int[] first = prompt(5);
            var one = session.submit(BatchPrompt.of(first, THIRTY));
            for (int i = 0; i < 5; i++) {
                session.step();
            }
            var beside = session.submit(BatchPrompt.of(Arrays.copyOf(first, 40), THIRTY));
            finish(session);
            int[] text = Arrays.copyOf(first, first.length + 33);
            System.arraycopy(ids(one), 0, text, first.length, 30);
            var next = session.submit(BatchPrompt.of(text, THIRTY));
            finish(session);
            var again = session.submit(new BatchPrompt(text, THIRTY, Optional.empty(), Listener.NONE, () -> false, Reuse.NONE));
            finish(session);
            assertEquals(List.of(0, 39, first.length + 29, 0), List.of(one.join().reusedTokens(), beside.join().reusedTokens(),
                next.join().reusedTokens(), again.join().reusedTokens()));
            for (var result : List.of(next, again)) {
                assertArrayEquals(alone(text, THIRTY).samples().get(0).ids(), ids(result));
            }
            assertArrayEquals(alone(Arrays.copyOf(first, 40), THIRTY).samples().get(0).ids(), ids(beside));
        }
    }

    /**
     * A prompt uses the keys and values of a text that has ended. If almost all of them are of use, it takes them over and cuts off the
     * rest; else it copies those that it uses.
     */
    @Test
    void aPromptThatComesAgainIsReadOnce() {
        SamplingOptions few = THIRTY.withMaxTokens(4);
        try (BatchSession session = open(LIMITS)) {
            int[] prompt = Arrays.copyOf(prompt(5), 45);
            List<Integer> reused = new ArrayList<>();
            for (SamplingOptions options : List.of(few, few, THIRTY, few)) {
                var result = session.submit(BatchPrompt.of(prompt, options));
                finish(session);
                assertArrayEquals(alone(prompt, options).samples().get(0).ids(), ids(result));
                reused.add(result.join().reusedTokens());
            }
            assertEquals(List.of(0, 44, 44, 44), reused);
        }
    }

    @Test
    void promptsWaitForMemoryAndThoseThatCanNeverRunAreRefused() {
        long one = 2 * 2 * 16 * 4 * 128; // 2 layers, keys and values, 2 heads of 8 channels, float32, the whole context
        try (BatchSession session = open(new BatchLimits(4, 2 * one, 16, 0))) {
            var results = new ArrayList<CompletableFuture<BatchResult>>();
            for (int i = 0; i < 3; i++) {
                results.add(session.submit(BatchPrompt.of(prompt(i), THIRTY)));
            }
            session.step();
            assertEquals(1, session.waiting(), "memory for two");
            assertThrows(ConfigException.class, () -> session.submit(BatchPrompt.of(prompt(1), THIRTY.withSamples(3))));
            assertThrows(ConfigException.class, () -> session.submit(BatchPrompt.of(prompt(1), THIRTY.withSamples(5))));
            assertThrows(ConfigException.class, () -> session.submit(BatchPrompt.of(new int[] {61}, THIRTY)));
            finish(session);
            results.forEach(result -> assertEquals(30, ids(result).length));
        }
    }

    @Test
    void closingEndsWhatIsUnderWayAndWhatWaits() {
        BatchSession session = open(new BatchLimits(1, 1 << 20, 16, 0));
        var running = session.submit(BatchPrompt.of(prompt(1), THIRTY));
        var waiting = session.submit(BatchPrompt.of(prompt(1), THIRTY));
        session.step();
        session.close();
        session.close();
        assertEquals(FinishReason.CANCELLED, running.join().generation().samples().get(0).finishReason());
        assertEquals(2, ids(running).length, "one at the prompt's end, one by the pass after it");
        assertEquals(0, ids(waiting).length);
        assertThrows(IllegalStateException.class, session::step);
        assertThrows(IllegalStateException.class, () -> session.submit(BatchPrompt.of(prompt(1), THIRTY)));
    }

    @Test
    void theModelMayBeClosedFirst() {
        try (BatchSession session = open(LIMITS)) {
            int[] expected = alone(prompt(2), THIRTY).samples().get(0).ids();
            gpt.close();
            var result = session.submit(BatchPrompt.of(prompt(2), THIRTY));
            finish(session);
            assertArrayEquals(expected, ids(result));
        }
    }
}
