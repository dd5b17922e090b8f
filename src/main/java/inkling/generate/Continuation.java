package inkling.generate;

import inkling.generate.Generation.FinishReason;
import inkling.tokenizer.SpecialIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One sample that is being generated: it turns each row of logits into the next token, into text and, in the end, into a result. Who reads
 * the tokens with the model calls {@link #advance} until {@link #isComplete}:
 * {@code sample.advance(logits); if (!sample.isComplete()) logits = model.read(sample.lastId())}.
 */
public final class Continuation {
    private final int number;
    private final SamplingOptions options;
    private final TokenText tokenText;
    private final SpecialIds special;
    private final Generator.Listener listener;
    private final Sampler sampler;
    private final SampleDraws draws;
    private final StopStrings stops;
    private final TokenText.Stream decoder;
    private final BitSet seen = new BitSet();
    private final Map<Integer, Integer> drawn = new HashMap<>();
    private final StringBuilder text = new StringBuilder();
    private final List<DrawnToken> steps = new ArrayList<>();
    private Optional<FinishReason> finished = Optional.empty();
    private int[] ids;
    private int size;

    /**
     * @param number of the sample, from 0: its random numbers depend on it and the seed alone
     * @param prompt at least one id, each from 0 to V − 1
     * @param special which ids end the sample
     */
    public Continuation(int number, int[] prompt, SamplingOptions options, TokenText tokenText, SpecialIds special,
                        Generator.Listener listener) {
        this.number = number;
        this.tokenText = tokenText;
        this.special = special;
        this.decoder = tokenText.streamBehind(prompt);
        this.ids = prompt;
        this.size = prompt.length;
        this.options = options;
        this.listener = listener;
        this.sampler = Sampler.of(options);
        this.draws = new SampleDraws(options.seed(), number);
        this.stops = new StopStrings(options.stop());
        Arrays.stream(prompt).forEach(seen::set);
    }

    /** Draws one more token from the logits (V) that follow the last id. */
    public void advance(float[] logits) {
        int id = draw(logits);
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size + size / 2 + 64);
        }
        ids[size++] = id;
        finished = finishedBy(id);
        if (isComplete()) {
            end();
        }
    }

    /** Ends the sample early. */
    public void cancel() {
        finished = Optional.of(FinishReason.CANCELLED);
        end();
    }

    private void end() {
        if (finished.get() != FinishReason.STOP) {
            emit(stops.push(decoder.finish()) + stops.finish());
        }
        listener.finished(number, result());
    }

    public boolean isComplete() {
        return finished.isPresent();
    }

    /** Ids of prompt and output together. */
    public int size() {
        return size;
    }

    /** Prompt and output so far; only the first {@link #size} of them count. */
    int[] ids() {
        return ids;
    }

    /** The id that was drawn last, which the model reads next. */
    public int lastId() {
        return ids[size - 1];
    }

    /** Only after {@link #isComplete}. */
    public Generation.Sample result() {
        return new Generation.Sample(tokenText.tokenizer().map(t -> text.toString()), steps.stream().mapToInt(DrawnToken::id).toArray(),
            finished.orElseThrow(), steps);
    }

    private int draw(float[] logits) {
        Candidates candidates = sampler.candidates(logits, seen, drawn);
        int id = candidates.distribution().draw(draws.next());
        DrawnToken step = DrawnToken.of(candidates, id, options.showDistribution(), tokenText);
        seen.set(id);
        drawn.merge(id, 1, Integer::sum);
        steps.add(step);
        listener.token(number, step, candidates);
        return id;
    }

    private Optional<FinishReason> finishedBy(int id) {
        if (!options.ignoreEos() && special.ends().contains(id)) {
            return Optional.of(FinishReason.EOS);
        }
        emit(stops.push(decoder.push(id)));
        if (stops.matched()) {
            return Optional.of(FinishReason.STOP);
        }
        return steps.size() == options.maxTokens() ? Optional.of(FinishReason.LENGTH) : Optional.empty();
    }

    private void emit(String more) {
        if (!more.isEmpty()) {
            text.append(more);
            listener.text(number, more);
        }
    }
}
