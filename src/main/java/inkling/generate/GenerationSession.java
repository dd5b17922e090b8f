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
 * A model that is ready to continue prompts. The caller that opens a session closes it:
 * {@code try (GenerationSession session = model.openSession()) { session.generate("It was", SamplingOptions.DEFAULT, Listener.NONE); }}
 *
 * <p>A session owns the memory that generating needs: a key/value cache, and perhaps a copy of the weights that is read faster
 * ({@link GptLogits} says when). The session shares the weights themselves with the model and the model's other sessions. The weights must
 * not change while the session is open, because the copy would keep the old values.
 *
 * <p><b>Threads.</b> A session does one generation at a time, on any thread. Several sessions of one model can generate at the same time,
 * each on its own Java thread. When a generation ends, operations of its Java thread again use as many threads as the session's context
 * says. A generation ends early when its stop supplier returns true, or when another thread calls {@link #close}.
 *
 * <p><b>Closing the model</b> leaves its sessions open and able to work. The weights are freed once the model and all its sessions are
 * closed.
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
     * @param special which ids are put before a prompt of text, and which ids end a sample
     * @param context its device must be the one that holds the model
     */
    public static GenerationSession open(Gpt gpt, Optional<Tokenizer> tokenizer, SpecialIds special, ComputeContext context) {
        return open(gpt, tokenizer, special, context, GptLogits.MOST_COPIED_BYTES);
    }

    /** As {@link #open(Gpt, Optional, SpecialIds, ComputeContext)}, with the special ids that the tokenizer alone defines. */
    public static GenerationSession open(Gpt gpt, Optional<Tokenizer> tokenizer, ComputeContext context) {
        return open(gpt, tokenizer, tokenizer.map(SpecialIds::of).orElse(SpecialIds.NONE), context);
    }

    /** As {@link #open(Gpt, Optional, SpecialIds, ComputeContext)}, for short texts or scarce memory: the session copies no weights. */
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

    /** As {@link #generate(String, SamplingOptions, Generator.Listener, BooleanSupplier)}, without a way to stop it. */
    public Generation generate(String prompt, SamplingOptions options, Generator.Listener listener) {
        return generate(prompt, options, listener, () -> false);
    }

    /** As {@link #generate(int[], SamplingOptions, Generator.Listener, BooleanSupplier)}, without a way to stop it. */
    public Generation generate(int[] promptIds, SamplingOptions options, Generator.Listener listener) {
        return generate(promptIds, options, listener, () -> false);
    }

    /**
     * Continues a text.
     *
     * @param stop asked on this thread; {@link Generator#generate(int[], SamplingOptions, Generator.Listener, BooleanSupplier)} says when,
     *     and what the result is once it returns true
     * @throws ConfigException if the prompt is empty and no id can replace it ({@link SpecialIds#start}). Also if the tokenizer gives an id
     *     that the model lacks
     * @throws ModelFormatException if there is no tokenizer, or the logits are not numbers
     * @throws IllegalStateException if the session is closed or is already generating
     */
    public Generation generate(String prompt, SamplingOptions options, Generator.Listener listener, BooleanSupplier stop) {
        return exclusively(() -> generator.generate(prompt, options, listener, orClosed(stop)));
    }

    /**
     * As {@link #generate(String, SamplingOptions, Generator.Listener, BooleanSupplier)}, for ids from 0 to V − 1. Only stop strings need a
     * tokenizer.
     */
    public Generation generate(int[] promptIds, SamplingOptions options, Generator.Listener listener, BooleanSupplier stop) {
        return exclusively(() -> generator.generate(promptIds, options, listener, orClosed(stop)));
    }

    private BooleanSupplier orClosed(BooleanSupplier stop) {
        return () -> closed || stop.getAsBoolean();
    }

    private Generation exclusively(Supplier<Generation> work) {
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
     * Frees the cache and the copy of the weights. A generation on another thread ends as if its stop supplier had returned true. This call
     * waits for that end, usually no longer than one pass through the model takes. Closing again does nothing.
     *
     * @throws IllegalStateException if called by a listener or stop supplier of this session's own generation, which still needs its memory
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
