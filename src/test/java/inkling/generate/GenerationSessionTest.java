package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.generate.Generation.FinishReason;
import inkling.generate.Generator.Listener;
import inkling.model.Gpt;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GenerationSessionTest {
    private static final int CONTEXT = 128;
    private static final int THREADS = 8;
    private static final int[] PROMPT = {5, 6, 7};
    private static final SamplingOptions HUNDRED = SamplingOptions.DEFAULT.withMaxTokens(100);
    private static final SamplingOptions ENDLESS = SamplingOptions.DEFAULT.withMaxTokens(1_000_000);

    private final NDManager manager = Devices.manager(Device.cpu());
    private final Gpt gpt = Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(32).nInner(64)
        .contextLength(CONTEXT).positions(Positions.ROPE)).over(61), manager, 9);
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach void free() {
        threads.shutdown();
        manager.close();
    }

    private GenerationSession open() {
        return GenerationSession.open(gpt, Optional.empty(), ComputeContext.of("cpu"));
    }

    private static int[] ids(GenerationSession session, int[] prompt, SamplingOptions options) {
        return session.generate(prompt, options, Listener.NONE).samples().get(0).ids();
    }

    private int[] alone(int[] prompt, SamplingOptions options) {
        try (GenerationSession session = open()) {
            return ids(session, prompt, options);
        }
    }

    /** The texts are so long that each session makes its own copy of the weights. */
    @Tag("thorough")
    @Test void sessionsOfOneModelOnEightThreadsGiveWhatEachGivesAlone() throws Exception {
        List<int[]> expected = new ArrayList<>();
        List<Callable<int[]>> work = new ArrayList<>();
        CountDownLatch ready = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            int[] prompt = {i, 2 * i, 3};
            SamplingOptions options = HUNDRED.withSeed(i).withTemperature(i % 2);
            expected.add(alone(prompt, options));
            work.add(() -> {
                try (GenerationSession session = open()) {
                    ready.countDown();
                    ready.await();
                    return ids(session, prompt, options);
                }
            });
        }
        List<Future<int[]>> together = threads.invokeAll(work);
        for (int i = 0; i < THREADS; i++) {
            assertArrayEquals(expected.get(i), together.get(i).get(), "thread " + i);
        }
    }

    @Test void whatASessionGeneratedBeforeChangesNothing() {
        try (GenerationSession session = open()) {
            session.generate(PROMPT, ENDLESS.withSamples(3).withMaxTokens(CONTEXT + 20), Listener.NONE);
            assertArrayEquals(alone(PROMPT, HUNDRED), ids(session, PROMPT, HUNDRED));
        }
    }

    @Test void aSessionGoesOnWhenItsModelIsClosed() {
        int[] expected = alone(PROMPT, HUNDRED);
        try (GenerationSession session = open()) {
            ids(session, PROMPT, HUNDRED.withMaxTokens(3));
            gpt.close();
            manager.close();
            assertArrayEquals(expected, ids(session, PROMPT, HUNDRED));
        }
    }

    @Test void closingASessionThatGeneratesEndsItsText() throws Exception {
        GenerationSession session = open();
        CountDownLatch begun = new CountDownLatch(1);
        Future<Generation> running = threads.submit(() -> session.generate(PROMPT, ENDLESS.withSamples(2), atToken(begun::countDown)));
        begun.await();
        session.close();
        for (Generation.Sample sample : running.get().samples()) {
            assertEquals(FinishReason.CANCELLED, sample.finishReason());
            assertTrue(sample.ids().length > 0 && sample.ids().length < ENDLESS.maxTokens(), sample.ids().length + " tokens");
        }
        session.close();
        assertEquals("this session is closed",
            assertThrows(IllegalStateException.class, () -> session.generate(PROMPT, HUNDRED, Listener.NONE)).getMessage());
    }

    @Test void aSessionDoesOneThingAtATime() throws Exception {
        try (GenerationSession session = open()) {
            Callable<String> another = () -> assertThrows(IllegalStateException.class,
                () -> session.generate(PROMPT, HUNDRED, Listener.NONE)).getMessage();
            List<String> refused = new ArrayList<>();
            session.generate(PROMPT, HUNDRED.withMaxTokens(1), atToken(() -> {
                try {
                    refused.add(another.call());                  // from a listener
                    refused.add(threads.submit(another).get());   // from another thread
                    refused.add(assertThrows(IllegalStateException.class, session::close).getMessage());
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }));
            String one = "this session generates already, and does one thing at a time: open another of the same model";
            assertEquals(List.of(one, one, "this session generates on this thread: let its stop supplier say true, then close it"),
                refused);
            assertArrayEquals(alone(PROMPT, HUNDRED), ids(session, PROMPT, HUNDRED));
        }
    }

    /**
     * Stops one sample and several side by side, both while the context has room and when it is full. The tokens are those of a text that
     * {@code maxTokens} ends at the same place.
     */
    @Tag("thorough")
    @Test void aStopEndsGenerationWithinOneToken() {
        for (int samples : new int[] {1, 3}) {
            for (int wanted : new int[] {1, 70, CONTEXT + 10}) {
                AtomicInteger drawn = new AtomicInteger();
                SamplingOptions options = ENDLESS.withSamples(samples).withSeed(2);
                try (GenerationSession session = open()) {
                    Generation stopped = session.generate(PROMPT, options, atToken(drawn::incrementAndGet),
                        () -> drawn.get() >= wanted * samples);
                    Generation whole = session.generate(PROMPT, options.withMaxTokens(wanted), Listener.NONE);
                    for (int i = 0; i < samples; i++) {
                        assertEquals(FinishReason.CANCELLED, stopped.samples().get(i).finishReason());
                        assertArrayEquals(whole.samples().get(i).ids(), stopped.samples().get(i).ids(), i + " of " + samples);
                    }
                }
            }
        }
    }

    private static Listener atToken(Runnable action) {
        return new Listener() {
            @Override
            public void token(int sample, DrawnToken step, Candidates candidates) {
                action.run();
            }
        };
    }
}
