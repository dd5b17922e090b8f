package inkling.generate.batch;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.generate.Prompts;
import inkling.generate.TokenText;
import inkling.generate.batch.BatchPrompt.Reuse;
import inkling.generate.batch.Sequences.Sequence;
import inkling.generate.batch.TextUnderWay.Row;
import inkling.model.Gpt;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Continues many prompts at once: each {@link #step} reads a part of a new prompt and gives every text under way its next token. Prompts
 * come and go between any two tokens.
 *
 * <pre>{@code
 * try (BatchSession session = BatchSession.open(gpt, tokenizer, special, context, BatchLimits.DEFAULT)) {
 *     CompletableFuture<BatchResult> result = session.submit(BatchPrompt.of(ids, options)); // from any thread
 *     while (session.step()) { }                                                            // on one thread of the caller's
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> The session has none of its own. {@link #submit} may be called from any thread, and only queues. {@link #step} is
 * called by one thread at a time; listeners and stop suppliers are called on it. A prompt's stop supplier ends that prompt alone; what its
 * listener throws ends that prompt alone, too, and is in its result.
 *
 * <p><b>Same text.</b> A sample's random numbers are those of a {@code GenerationSession} with the same seed. Its logits differ from there
 * in the last bits, by the number of rows that a pass is filled up to ({@link Sequences}).
 *
 * <p><b>Memory.</b> The weights stay the model's, which may be closed first. A prompt waits, first come first served, until there is a row
 * for each of its samples and room for their longest form. Texts that have ended stay while there is room for them, so that a prompt that
 * begins with one of them need not be read again.
 */
public final class BatchSession implements AutoCloseable {
    private final BatchLimits limits;
    private final ComputeContext context;
    private final NDManager manager;
    private final Sequences sequences;
    private final Prompts prompts;
    private final Queue<TextUnderWay> arriving = new ConcurrentLinkedQueue<>();
    private final List<TextUnderWay> underWay = new ArrayList<>();
    private final KeptTexts kept = new KeptTexts();
    private final ReentrantLock stepping = new ReentrantLock();
    private volatile boolean closed;
    private volatile long cacheBytes;

    private BatchSession(Gpt gpt, Prompts prompts, ComputeContext context, NDManager manager, BatchLimits limits) {
        this.limits = limits;
        this.context = context;
        this.manager = manager;
        this.prompts = prompts;
        this.sequences = new Sequences(gpt, manager, context, limits.mostCopiedBytes());
    }

    /**
     * @param gpt may be closed before the session is; its weights must not change meanwhile. If it has adapters, the session has a copy of
     *     its weights with the adapters merged into them
     * @param tokenizer without one, there is no text
     * @param special which ids are put before a prompt of text, and which ids end a sample
     * @param context with the device that holds the model
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

    /** What the model reads of a prompt of text. @throws ModelFormatException without a tokenizer */
    public int[] ids(String prompt) {
        return prompts.ids(prompt);
    }

    /**
     * Queues a prompt; from any thread. The result completes on the thread that calls {@link #step}, or {@link #close}; exceptionally if
     * the logits are not numbers or its listener fails.
     *
     * @throws ConfigException for an id that is not in the vocabulary, an empty prompt where no id begins a text, more samples than rows,
     *     and a prompt whose longest form is beyond the memory limit
     * @throws ModelFormatException for stop strings without a tokenizer
     * @throws IllegalStateException if the session is closed
     */
    public CompletableFuture<BatchResult> submit(BatchPrompt prompt) {
        Prompts own = prompt.special().map(special -> new Prompts(prompts.tokenText(), special, prompts.vocabSize())).orElse(prompts);
        TextUnderWay text = new TextUnderWay(prompt, own, own.checked(prompt.ids(), prompt.options()));
        int samples = prompt.options().samples();
        if (samples > limits.rows()) {
            throw new ConfigException("samples = %d: at most %d can be under way together.".formatted(samples, limits.rows()));
        }
        if (reserved(text) > limits.cacheBytes()) {
            throw new ConfigException(("%d samples of up to %d tokens need %d bytes of keys and values, and %d are allowed: ask for "
                + "fewer tokens.")
                .formatted(samples, text.longest(sequences.contextLength()), reserved(text), limits.cacheBytes()));
        }
        arriving.add(text);
        if (closed) {
            arriving.remove(text);
            throw new IllegalStateException("this session is closed");
        }
        return text.result;
    }

    /** How many prompts wait for rows or memory. */
    public int waiting() {
        return arriving.size();
    }

    /** How many prompts wait before the one with this result; empty once that has its rows. From any thread. */
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

    /** The most bytes that the keys and values of all texts may come to take, and those that are kept; as of the last step. */
    public long cacheBytes() {
        return cacheBytes;
    }

    private long reserved(TextUnderWay text) {
        return text.prompt.options().samples() * sequences.bytes(text.longest(sequences.contextLength()));
    }

    private long reserved() {
        return underWay.stream().mapToLong(this::reserved).sum();
    }

    /**
     * Takes on the prompts that there is room for, reads at most {@link BatchLimits#promptTokens} of one of them, and gives each sample its
     * next token. Returns whether there is more to do; if not, call it again after a {@link #submit}.
     *
     * @throws IllegalStateException if the session is closed, or is stepping already
     */
    public boolean step() {
        if (stepping.isHeldByCurrentThread() || !stepping.tryLock()) {
            throw new IllegalStateException("another step is under way");
        }
        try {
            if (closed) {
                throw new IllegalStateException("this session is closed");
            }
            arriving.removeIf(this::endIfStopped);
            underWay.removeIf(this::endIfStopped);
            admit();
            readPrompt();
            readTokens();
            kept.shrinkTo(limits.cacheBytes() - reserved());
            cacheBytes = reserved() + kept.bytes();
            return !underWay.isEmpty() || !arriving.isEmpty();
        } finally {
            context.enter();
            stepping.unlock();
        }
    }

    private boolean endIfStopped(TextUnderWay text) {
        if (!text.stopped()) {
            return false;
        }
        attempt(text, () -> text.complete(sequences.contextLength()));
        letGo(text);
        return true;
    }

    /** What fails in one text, such as its listener, ends that text alone. */
    private static boolean attempt(TextUnderWay text, Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuntimeException e) {
            text.result.completeExceptionally(e);
            return false;
        }
    }

    private void admit() {
        for (TextUnderWay next = arriving.peek(); next != null && fits(next); next = arriving.peek()) {
            TextUnderWay text = arriving.remove();
            if (attempt(text, () -> text.prompt.listener().prompt(text.ids))) {
                begin(text);
            }
        }
    }

    private boolean fits(TextUnderWay text) {
        int rows = underWay.stream().mapToInt(other -> other.prompt.options().samples()).sum();
        return rows + text.prompt.options().samples() <= limits.rows() && reserved() + reserved(text) <= limits.cacheBytes();
    }

    private void begin(TextUnderWay text) {
        List<KeptTexts.Kept> others = underWay.stream().flatMap(other -> other.rows.stream()).map(Row::read).toList();
        boolean reuse = text.prompt.reuse() == Reuse.ALLOWED && text.ids.length <= sequences.contextLength();
        Optional<Sequence> beginning = reuse ? kept.beginning(text.ids, sequences, others) : Optional.empty();
        text.reused = beginning.map(Sequence::length).orElse(0);
        text.reading = Optional.of(beginning.orElseGet(sequences::open));
        underWay.add(text);
        kept.shrinkTo(limits.cacheBytes() - reserved());
    }

    /** Reads on in the prompt that came first; at its end, its samples begin. */
    private void readPrompt() {
        Optional<TextUnderWay> first = underWay.stream().filter(text -> text.reading.isPresent()).findFirst();
        if (first.isEmpty()) {
            return;
        }
        TextUnderWay text = first.get();
        Sequence sequence = text.reading.get();
        float[] logits;
        if (text.ids.length > sequences.contextLength()) {
            logits = sequences.readApart(Arrays.copyOfRange(text.ids, text.ids.length - sequences.contextLength(), text.ids.length));
        } else {
            int from = sequence.length();
            int to = Math.min(text.ids.length, (from / limits.promptTokens() + 1) * limits.promptTokens());
            logits = sequences.read(sequence, Arrays.copyOfRange(text.ids, from, to));
            if (to < text.ids.length) {
                attempt(text, () -> text.prompt.listener().promptRead(to));
                return;
            }
        }
        text.reading = Optional.empty();
        text.begin();
        text.rows.add(new Row(text.samples.get(0), sequence));
        text.samples.stream().skip(1).forEach(sample -> text.rows.add(new Row(sample, sequences.copy(sequence, sequence.length()))));
        advance(text, text.rows.stream().map(row -> logits).toList());
    }

    /** One pass for all samples under way, and one for each whose context is full. */
    private void readTokens() {
        record Place(TextUnderWay text, Row row) {}
        List<Place> places = new ArrayList<>();
        underWay.forEach(text -> text.rows.forEach(row -> places.add(new Place(text, row))));
        List<Place> together = places.stream().filter(place -> place.row().sample().size() <= sequences.contextLength()).toList();
        if (places.isEmpty()) {
            return;
        }
        float[][] read = together.isEmpty() ? new float[0][]
            : sequences.next(together.stream().map(place -> place.row().sequence()).toList(),
            together.stream().mapToInt(place -> place.row().sample().lastId()).toArray());
        Iterator<float[]> logits = Arrays.asList(read).iterator();
        List<TextUnderWay> texts = List.copyOf(underWay);
        for (TextUnderWay text : texts) {
            advance(text, text.rows.stream().map(row -> row.sample().size() <= sequences.contextLength() ? logits.next()
                : sequences.readApart(row.sample().last(sequences.contextLength()))).toList());
        }
    }

    /** Draws a token for each row of a text, and ends what is complete. */
    private void advance(TextUnderWay text, List<float[]> logits) {
        List<Row> rows = List.copyOf(text.rows);
        boolean drawn = attempt(text, () -> {
            for (int i = 0; i < rows.size(); i++) {
                rows.get(i).sample().advance(logits.get(i));
            }
            if (rows.stream().allMatch(row -> row.sample().isComplete()) && !rows.isEmpty()) {
                text.complete(sequences.contextLength());
            }
        });
        rows.stream().filter(row -> !drawn || row.sample().isComplete()).forEach(row -> keep(text, row));
        if (text.result.isDone()) {
            letGo(text);
            underWay.remove(text);
        }
    }

    /** Its keys and values stay for later prompts while there is room. */
    private void keep(TextUnderWay text, Row row) {
        text.rows.remove(row);
        kept.add(row.read());
    }

    private void letGo(TextUnderWay text) {
        text.reading.ifPresent(Sequence::close);
        text.reading = Optional.empty();
        List.copyOf(text.rows).forEach(row -> keep(text, row));
    }

    /**
     * Ends every prompt, with what there is of its samples, and frees the memory. Waits for a step that is under way on another thread.
     * Closing again does nothing.
     *
     * @throws IllegalStateException if called by a listener or stop supplier, during a step
     */
    @Override
    public void close() {
        if (stepping.isHeldByCurrentThread()) {
            throw new IllegalStateException("this session is in the middle of a step");
        }
        closed = true;
        stepping.lock();
        try {
            Queue<TextUnderWay> all = new ArrayDeque<>(underWay);
            for (TextUnderWay text = arriving.poll(); text != null; text = arriving.poll()) {
                all.add(text);
            }
            all.forEach(text -> attempt(text, () -> text.complete(sequences.contextLength())));
            underWay.clear();
            manager.close();
        } finally {
            stepping.unlock();
        }
    }
}
