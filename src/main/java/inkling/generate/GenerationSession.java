package inkling.generate;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.model.Gpt;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A model that continues prompts, until who opened it closes it:
 * {@code try (GenerationSession session = model.openSession()) { session.generate("It was", SamplingOptions.DEFAULT, Listener.NONE); }}
 *
 * <p>A session owns what generating takes: a key/value cache, and after many tokens of one sequence a copy of the weights that is read
 * faster ({@link GptLogits}). The weights themselves it shares with the model and its other sessions; they must not change while it
 * generates.
 *
 * <p><b>Threads.</b> A session does one generation at a time, on any thread. Several sessions of one model generate at the same time, each
 * on a thread of its own, which has all threads of the session's context again afterwards. A generation ends early once its stop supplier says so; {@link #close} from another thread ends it too.
 *
 * <p><b>Closing the model</b> leaves its sessions open and able to work: the weights are freed with the last that uses them.
 */
public final class GenerationSession implements AutoCloseable {
    private final ComputeContext context;
    private final NDManager manager;
    private final Generator generator;
    private final ReentrantLock generating = new ReentrantLock();
    private volatile boolean closed;

    private GenerationSession(ComputeContext context, NDManager manager, Generator generator) {
        this.context = context;
        this.manager = manager;
        this.generator = generator;
    }

    /**
     * @param gpt may be closed before the session is
     * @param tokenizer without one, prompts are ids and there is no text
     * @param special what is put before a prompt of text, and which ids end a sample
     * @param context with the device that holds the model
     */
    public static GenerationSession open(Gpt gpt, Optional<Tokenizer> tokenizer, SpecialIds special, ComputeContext context) {
        return open(gpt, tokenizer, special, context, GptLogits.MOST_COPIED_BYTES);
    }

    /** As {@link #open(Gpt, Optional, SpecialIds, ComputeContext)} where only the tokenizer says what begins and ends a text. */
    public static GenerationSession open(Gpt gpt, Optional<Tokenizer> tokenizer, ComputeContext context) {
        return open(gpt, tokenizer, tokenizer.map(SpecialIds::of).orElse(SpecialIds.NONE), context);
    }

    /** As {@link #open(Gpt, Optional, SpecialIds, ComputeContext)} for a short text, or where memory is scarce: it copies no weights. */
    public static GenerationSession withoutCopy(Gpt gpt, Optional<Tokenizer> tokenizer, SpecialIds special, ComputeContext context) {
        return open(gpt, tokenizer, special, context, 0);
    }

    private static GenerationSession open(Gpt gpt, Optional<Tokenizer> tokenizer, SpecialIds special, ComputeContext context,
                                          long mostCopiedBytes) {
        NDManager manager = context.manager();
        try {
            GptLogits logits = new GptLogits(gpt.view(manager), manager, context, mostCopiedBytes);
            return new GenerationSession(context, manager, new Generator(logits, tokenizer, special));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** As {@link #generate(String, SamplingOptions, Generator.Listener, BooleanSupplier)}, to its own end. */
    public Generation generate(String prompt, SamplingOptions options, Generator.Listener listener) {
        return generate(prompt, options, listener, () -> false);
    }

    /** As {@link #generate(int[], SamplingOptions, Generator.Listener, BooleanSupplier)}, to its own end. */
    public Generation generate(int[] promptIds, SamplingOptions options, Generator.Listener listener) {
        return generate(promptIds, options, listener, () -> false);
    }

    /**
     * Continues a text.
     *
     * @param stop asked before and after each token, on this thread; see {@link Generator#generate(int[], SamplingOptions,
     *     Generator.Listener, BooleanSupplier)} for what comes back once it says true
     * @throws ConfigException for an empty prompt where nothing begins a text ({@link SpecialIds#start})
     * @throws ModelFormatException where there is no tokenizer, or the logits are not numbers
     * @throws IllegalStateException if the session is closed, or generates already
     */
    public Generation generate(String prompt, SamplingOptions options, Generator.Listener listener, BooleanSupplier stop) {
        return alone(() -> generator.generate(prompt, options, listener, orClosed(stop)));
    }

    /** As {@link #generate(String, SamplingOptions, Generator.Listener, BooleanSupplier)}; each id is from 0 to V − 1. */
    public Generation generate(int[] promptIds, SamplingOptions options, Generator.Listener listener, BooleanSupplier stop) {
        return alone(() -> generator.generate(promptIds, options, listener, orClosed(stop)));
    }

    private BooleanSupplier orClosed(BooleanSupplier stop) {
        return () -> closed || stop.getAsBoolean();
    }

    private Generation alone(Supplier<Generation> work) {
        if (generating.isHeldByCurrentThread() || !generating.tryLock()) {
            throw new IllegalStateException("this session generates already, and does one thing at a time: open another of the same model");
        }
        try {
            if (closed) {
                throw new IllegalStateException("this session is closed");
            }
            return work.get();
        } finally {
            context.enter();
            generating.unlock();
        }
    }

    /**
     * Frees the cache and the copy of the weights. A generation on another thread is stopped, as its stop supplier would stop it, and
     * waited for: at most a token. Closing again does nothing.
     *
     * @throws IllegalStateException from a listener or stop supplier of this session's own generation, which is still using them
     */
    @Override
    public void close() {
        if (generating.isHeldByCurrentThread()) {
            throw new IllegalStateException("this session generates on this thread: let its stop supplier say true, then close it");
        }
        closed = true;
        generating.lock();
        try {
            manager.close();
        } finally {
            generating.unlock();
        }
    }
}
