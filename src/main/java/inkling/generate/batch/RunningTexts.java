package inkling.generate.batch;

import inkling.generate.batch.BatchPrompt.Reuse;
import inkling.generate.batch.Sequences.Sequence;
import inkling.generate.batch.TextUnderWay.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The texts of a {@link BatchSession} that have rows. This class makes the model read their prompts part by part, and then one token of
 * each sample in every pass. One thread at a time uses it; only {@link #mostBytes(TextUnderWay)} may be
 * called by any thread.
 */
final class RunningTexts {
    private final BatchLimits limits;
    private final Sequences sequences;
    private final List<TextUnderWay> texts = new ArrayList<>();
    private final KeptTexts kept = new KeptTexts();

    RunningTexts(BatchLimits limits, Sequences sequences) {
        this.limits = limits;
        this.sequences = sequences;
    }

    boolean isEmpty() {
        return texts.isEmpty();
    }

    /** The most bytes that the keys and values of one text may come to take. */
    long mostBytes(TextUnderWay text) {
        return text.prompt.options().samples() * sequences.bytes(text.longest(sequences.contextLength()));
    }

    private long mostBytes() {
        return texts.stream().mapToLong(this::mostBytes).sum();
    }

    /** The most bytes that all texts may come to take, plus the bytes that kept texts take. */
    long bytesWithKept() {
        return mostBytes() + kept.bytes();
    }

    /** Whether there are rows and memory for {@code text}, too. */
    boolean fits(TextUnderWay text) {
        int rows = texts.stream().mapToInt(other -> other.prompt.options().samples()).sum();
        return rows + text.prompt.options().samples() <= limits.rows() && mostBytes() + mostBytes(text) <= limits.cacheBytes();
    }

    /**
     * Reserves a text's rows. If its prompt begins like a text that the model has read, and the prompt allows it, the keys and values of
     * the shared tokens are reused. If memory has no room for the keys and values, this text alone ends, and the fault is its result.
     */
    void begin(TextUnderWay text) {
        if (text.attempt(() -> text.reading = Optional.of(opened(text)))) {
            texts.add(text);
            freeKept();
        }
    }

    private Sequence opened(TextUnderWay text) {
        List<KeptTexts.Kept> others = texts.stream().flatMap(other -> other.rows.stream()).map(Row::readPart).toList();
        boolean reuse = text.prompt.reuse() == Reuse.ALLOWED && text.ids.length <= sequences.contextLength();
        Optional<Sequence> beginning = reuse ? kept.beginning(text.ids, sequences, others,
            sequences.bytes(text.longest(sequences.contextLength()))) : Optional.empty();
        text.reused = beginning.map(Sequence::length).orElse(0);
        return beginning.orElseGet(sequences::open);
    }

    /** Frees kept texts until the running texts have room for the keys and values of all tokens that they ask for. */
    void freeKept() {
        kept.shrinkTo(limits.cacheBytes() - mostBytes());
    }

    /** Ends all texts, with their samples as they are. */
    void endAll() {
        texts.forEach(text -> text.end(sequences.contextLength()));
        texts.clear();
    }

    /** Ends the texts whose stop supplier says so, or whose result is complete already (a caller may cancel it). */
    void endStopped() {
        texts.removeIf(text -> {
            if (text.endIfStopped(sequences.contextLength())) {
                letGo(text);
                return true;
            }
            return false;
        });
    }

    /**
     * Reads the next part of the oldest prompt that still has unread tokens. After the prompt's last part, draws the first token of each
     * sample.
     */
    void readPrompt() {
        Optional<TextUnderWay> first = texts.stream().filter(text -> text.reading.isPresent()).findFirst();
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
                text.attempt(() -> text.prompt.listener().promptRead(to));
                return;
            }
        }
        text.reading = Optional.empty();
        text.begin();
        text.rows.add(new Row(text.samples.get(0), sequence));
        text.samples.stream().skip(1).forEach(sample -> text.rows.add(new Row(sample, sequences.copy(sequence, sequence.length()))));
        advance(text, text.rows.stream().map(row -> logits).toList());
    }

    /**
     * Makes one pass for all samples together, but a pass of its own for each sample whose context is full. Draws the next token of each.
     */
    void readTokens() {
        record Place(TextUnderWay text, Row row) {}
        List<Place> places = new ArrayList<>();
        texts.forEach(text -> text.rows.forEach(row -> places.add(new Place(text, row))));
        List<Place> together = places.stream().filter(place -> place.row().sample().size() <= sequences.contextLength()).toList();
        if (places.isEmpty()) {
            return;
        }
        float[][] read = together.isEmpty() ? new float[0][]
            : sequences.next(together.stream().map(place -> place.row().sequence()).toList(),
            together.stream().mapToInt(place -> place.row().sample().lastId()).toArray());
        Iterator<float[]> logits = Arrays.asList(read).iterator();
        for (TextUnderWay text : List.copyOf(texts)) {
            advance(text, text.rows.stream().map(row -> row.sample().size() <= sequences.contextLength() ? logits.next()
                : sequences.readApart(row.sample().last(sequences.contextLength()))).toList());
        }
    }

    /**
     * Draws a token for each row of a text from the row's logits. Samples that are then complete give up their rows; the text ends with the
     * last of them.
     */
    private void advance(TextUnderWay text, List<float[]> logits) {
        List<Row> rows = List.copyOf(text.rows);
        boolean drawn = text.attempt(() -> {
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
            texts.remove(text);
        }
    }

    /** Keeps the row's keys and values for later prompts while there is room. */
    private void keep(TextUnderWay text, Row row) {
        text.rows.remove(row);
        kept.add(row.readPart());
    }

    /** Takes the rows from an ended text. */
    private void letGo(TextUnderWay text) {
        text.reading.ifPresent(Sequence::close);
        text.reading = Optional.empty();
        List.copyOf(text.rows).forEach(row -> keep(text, row));
    }
}
