package inkling.generate.batch;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.generate.Prompts;
import inkling.generate.TokenText;
import inkling.model.Gpt;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Continues many prompts at once. Each {@link #step} reads a part of a new prompt, and draws the next token of each sample whose whole
 * prompt has been read. Prompts come and go between any two tokens.
 *
 * <pre>{@code
 * try (BatchSession session = BatchSession.open(gpt, tokenizer, special, context, BatchLimits.DEFAULT)) {
 *     CompletableFuture<BatchResult> result = session.submit(BatchPrompt.of(ids, options)); // from any thread
 *     while (session.step()) { }                                                            // on one thread
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> The session has no threads of its own. {@link #submit} may be called from any thread, and only checks and queues the
 * prompt. {@link #step} is called by one thread at a time, and calls the listeners and stop suppliers; {@link #close} calls listeners,
 * too. A prompt's stop supplier ends that prompt alone. If a prompt's listener throws an exception, that prompt alone ends, and the
 * exception becomes its result.
 *
 * <p><b>Same random numbers.</b> A sample uses the same random numbers as in a {@code GenerationSession} with the same seed. Its text is
 * usually the same, too, but not always. The last bits of its logits depend on the number of rows that a pass is filled up to
 * ({@link Sequences}), and on whether keys and values were reused.
 *
 * <p><b>Memory.</b> The weights are shared with the model, which may be closed first. They are copied only to merge adapters into them, or
 * if they are small ({@link BatchLimits#mostCopiedBytes}). Prompts are served in the order of their arrival. A prompt waits until there is
 * a row for each of its samples. It also waits for room for the keys and values of the prompt and of all tokens that it asks for. At most
 * 64 ended texts are kept, while there is room for them. A later prompt that begins like a kept or running text can reuse its keys and
 * values.
 */
public final class BatchSession implements AutoCloseable {
    private final BatchLimits limits;
    private final ComputeContext context;
    private final NDManager manager;
    private final Sequences sequences;
    private final Prompts prompts;
    private final Queue<TextUnderWay> arriving = new ConcurrentLinkedQueue<>();
    private final RunningTexts running;
    private final ReentrantLock stepping = new ReentrantLock();
    private volatile boolean closed;
    private volatile long cacheBytes;

    private BatchSession(Gpt gpt, Prompts prompts, ComputeContext context, NDManager manager, BatchLimits limits) {
        this.limits = limits;
        this.context = context;
        this.manager = manager;
        this.prompts = prompts;
        this.sequences = new Sequences(gpt, manager, context, limits.mostCopiedBytes());
        this.running = new RunningTexts(limits, sequences);
    }

    /**
     * @param gpt may be closed before the session is; its weights must not change meanwhile. If it has adapters, the session has a copy of
     *     its weights with the adapters merged into them
     * @param tokenizer without one, there is no text
     * @param special which ids are put before a prompt of text, which id the model reads for an empty prompt, and which ids end a sample
     * @param context its device must be the one that holds the model
     */
    public static BatchSession open(Gpt gpt, Optional<Tokenizer> tokenizer, SpecialIds special, ComputeContext context,
                                    BatchLimits limits) {
        context.enter();
        NDManager manager = context.manager();
        try {
            Prompts prompts = new Prompts(new TokenText(tokenizer), special, gpt.config().vocabSize());
            Gpt own = gpt.lora().isPresent() ? gpt.lora().get().merged(gpt, manager) : gpt.view(manager);
            return new BatchSession(own, prompts, context, manager, limits);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Encodes a prompt of text as the model reads it. @throws ModelFormatException without a tokenizer */
    public int[] ids(String prompt) {
        return prompts.ids(prompt);
    }

    /**
     * Queues a prompt. May be called from any thread. The result completes on the thread that calls {@link #step} or {@link #close}. It
     * completes exceptionally if the logits are not numbers, if the prompt's listener or stop supplier fails, or if memory has no room for
     * the keys and values that the prompt begins with. If memory is full only later, {@link #step} throws instead.
     *
     * @throws ConfigException in these cases:
     * <ul>
     * <li>an id is not in the vocabulary
     * <li>the prompt is empty and no id can replace it
     * <li>there are more samples than rows
     * <li>the samples at their full length would need more memory than the limit
     * </ul>
     * @throws ModelFormatException if there are stop strings, but no tokenizer
     * @throws IllegalStateException if the session is closed
     */
    public CompletableFuture<BatchResult> submit(BatchPrompt prompt) {
        Prompts own = prompt.special().map(special -> new Prompts(prompts.tokenText(), special, prompts.vocabSize())).orElse(prompts);
        TextUnderWay text = new TextUnderWay(prompt, own, own.checked(prompt.ids(), prompt.options()));
        int samples = prompt.options().samples();
        if (samples > limits.rows()) {
            throw new ConfigException("samples = %d: at most %d can be under way together.".formatted(samples, limits.rows()));
        }
        if (running.mostBytes(text) > limits.cacheBytes()) {
            throw new ConfigException(("%d samples of up to %d tokens need %d bytes of keys and values, and %d are allowed: ask for "
                + "fewer tokens.")
                .formatted(samples, text.longest(sequences.contextLength()), running.mostBytes(text), limits.cacheBytes()));
        }
        arriving.add(text);
        if (closed) {
            arriving.remove(text);
            throw new IllegalStateException("this session is closed");
        }
        return text.result;
    }

    /** How many prompts wait for the next step, for rows or for memory. */
    public int waiting() {
        return arriving.size();
    }

    /** How many prompts wait before the one with this result; empty if that prompt no longer waits. May be called from any thread. */
    public OptionalInt ahead(CompletableFuture<BatchResult> result) {
        int ahead = 0;
        for (TextUnderWay text : arriving) {
            if (text.result == result) {
                return OptionalInt.of(ahead);
            }
            ahead++;
        }
        return OptionalInt.empty();
    }

    /** Bytes of keys and values after the last step. Texts under way count at their full length; kept texts count, too. */
    public long cacheBytes() {
        return cacheBytes;
    }

    /**
     * Admits the waiting prompts that there is room for, reads a part of one prompt ({@link BatchLimits#promptTokens}), and draws the next
     * token of each sample whose whole prompt has been read. When a step reads the last part of a prompt, the prompt's samples get up to
     * two tokens. Returns whether there is more to do; if not, call it again after a {@link #submit}.
     *
     * @throws IllegalStateException if the session is closed, or a step is under way already
     */
    public boolean step() {
        if (stepping.isHeldByCurrentThread() || !stepping.tryLock()) {
            throw new IllegalStateException("another step is under way");
        }
        try {
            if (closed) {
                throw new IllegalStateException("this session is closed");
            }
            arriving.removeIf(text -> text.endIfStopped(sequences.contextLength()));
            running.endStopped();
            admit();
            running.readPrompt();
            running.readTokens();
            running.freeKept();
            cacheBytes = running.bytesWithKept();
            return !running.isEmpty() || !arriving.isEmpty();
        } finally {
            context.enter();
            stepping.unlock();
        }
    }

    private void admit() {
        for (TextUnderWay next = arriving.peek(); next != null && running.fits(next); next = arriving.peek()) {
            TextUnderWay text = arriving.remove();
            if (text.attempt(() -> text.prompt.listener().prompt(text.ids))) {
                running.begin(text);
            }
        }
    }

    /**
     * Ends every prompt, with its samples as they are, and frees the memory. Waits for a step that is under way on another thread. Closing
     * again does nothing.
     *
     * @throws IllegalStateException if called by a listener or stop supplier of this session
     */
    @Override
    public void close() {
        if (stepping.isHeldByCurrentThread()) {
            throw new IllegalStateException("this session is in the middle of a step");
        }
        closed = true;
        stepping.lock();
        try {
            running.endAll();
            for (TextUnderWay text = arriving.poll(); text != null; text = arriving.poll()) {
                text.end(sequences.contextLength());
            }
            manager.close();
        } finally {
            stepping.unlock();
        }
    }
}
