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

/** A sample that is being generated: draws each token from the logits that it is given, tells its listener, and knows when to end. */
public final class SampleInProgress {
    private final int number;
    private final SamplingOptions options;
    private final Generator.Listener listener;
    private final Sampler sampler;
    private final SampleDraws draws;
    private final StopStrings stops;
    private final TokenText tokenText;
    private final SpecialIds special;
    private final TokenText.Stream decoder;
    private final BitSet seen = new BitSet();
    private final Map<Integer, Integer> drawn = new HashMap<>();
    private final StringBuilder text = new StringBuilder();
    private final List<DrawnToken> steps = new ArrayList<>();
    private Optional<FinishReason> finished = Optional.empty();
    private int[] ids;
    private int size;

    SampleInProgress(int number, int[] prompt, SamplingOptions options, Prompts prompts, Generator.Listener listener) {
        this.number = number;
        this.tokenText = prompts.tokenText();
        this.special = prompts.special();
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

    /** Draws the next token. @param logits (V), as the model gives them for this token */
    public void advance(float[] logits) {
        Candidates candidates = sampler.candidates(logits, seen, drawn);
        append(candidates, candidates.distribution().draw(draws.next()));
    }

    /**
     * Adds the next token, as {@link #advance} does, but starts from a proposed token that was drawn from another distribution q. With
     * probability min(1, p / q) the proposed token is taken; otherwise a token is drawn from max(0, p − q), renormalised. The result is
     * distributed as p, whatever q is (Leviathan et al. 2023, arXiv:2211.17192). Returns whether the proposed token was taken.
     *
     * @param logits (V), as the model gives them for this token; p is the distribution that the sample's options make of them
     * @param proposed an id drawn from {@code proposal}
     * @param proposal the distribution q
     */
    public boolean judge(float[] logits, int proposed, Distribution proposal) {
        Candidates candidates = sampler.candidates(logits, seen, drawn);
        Distribution p = candidates.distribution();
        boolean taken = draws.next() * proposal.probability(proposed) < p.probability(proposed);
        append(candidates, taken ? proposed : p.beyond(proposal).draw(draws.next()));
        return taken;
    }

    /**
     * Applies this sample's bias, penalties, temperature and truncations to another model's {@code logits} (V), as if the tokens
     * {@code ahead} had been drawn already. Returns the distribution of the token after them.
     */
    public Distribution proposal(float[] logits, int... ahead) {
        BitSet seenThen = (BitSet) seen.clone();
        Map<Integer, Integer> drawnThen = new HashMap<>(drawn);
        for (int id : ahead) {
            seenThen.set(id);
            drawnThen.merge(id, 1, Integer::sum);
        }
        return sampler.candidates(logits, seenThen, drawnThen).distribution();
    }

    private void append(Candidates candidates, int id) {
        DrawnToken step = DrawnToken.of(candidates, id, options.showDistribution(), tokenText);
        seen.set(id);
        drawn.merge(id, 1, Integer::sum);
        steps.add(step);
        listener.token(number, step, candidates);
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

    /** How many ids there are, those of the prompt included. */
    public int size() {
        return size;
    }

    /** The last {@code most} ids, or all if there are fewer. */
    public int[] last(int most) {
        return Arrays.copyOfRange(ids, Math.max(0, size - most), size);
    }

    public int lastId() {
        return ids[size - 1];
    }

    /** The complete sample. */
    public Generation.Sample result() {
        return new Generation.Sample(tokenText.tokenizer().map(t -> text.toString()), steps.stream().mapToInt(DrawnToken::id).toArray(),
            finished.orElseThrow(), steps);
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
