package inkling.sample;

import inkling.io.ConfigException;
import inkling.io.ModelFormatException;
import inkling.sample.Generation.FinishReason;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Continues a prompt, token by token. Not safe for several threads: the model holds one sequence.
 *
 * <p>{@code new Generator(model, Optional.of(tokenizer)).generate("It was", SamplingOptions.DEFAULT, Listener.NONE)}
 */
public final class Generator {
    private final NextLogits model;
    private final Pieces pieces;

    /** @param tokenizer without one, prompts are ids and there is no text */
    public Generator(NextLogits model, Optional<Tokenizer> tokenizer) {
        this.model = model;
        this.pieces = new Pieces(tokenizer);
    }

    /** Hears of tokens and text as they come. */
    public interface Listener {
        Listener NONE = new Listener() {};

        /** Once, before the first token: the prompt as the model reads it. */
        default void prompt(int[] ids) {}

        /** A token was drawn. {@code candidates} belongs to the listener; the logits it holds are V doubles each. */
        default void token(int sample, Step step, Candidates candidates) {}

        /** More text of a sample. What may begin a stop string, or is half a character, comes with a later token. */
        default void text(int sample, String text) {}

        /** A sample is complete. */
        default void finished(int sample, Generation.Sample result) {}

        /** Both hear of everything, this one first. */
        default Listener and(Listener other) {
            return new Both(this, other);
        }
    }

    private record Both(Listener first, Listener second) implements Listener {
        @Override
        public void prompt(int[] ids) {
            first.prompt(ids);
            second.prompt(ids);
        }

        @Override
        public void token(int sample, Step step, Candidates candidates) {
            first.token(sample, step, candidates);
            second.token(sample, step, candidates);
        }

        @Override
        public void text(int sample, String text) {
            first.text(sample, text);
            second.text(sample, text);
        }

        @Override
        public void finished(int sample, Generation.Sample result) {
            first.finished(sample, result);
            second.finished(sample, result);
        }
    }

    /** @throws ConfigException for an empty prompt where the vocabulary has no {@code <|endoftext|>}
     *  @throws ModelFormatException where text is needed and there is no tokenizer, or the logits are not numbers */
    public Generation generate(String prompt, SamplingOptions options, Listener listener) {
        Tokenizer tokenizer = pieces.tokenizer().orElseThrow(() -> new ModelFormatException(
            "A prompt of text needs a tokenizer, and the model directory has none. Give --tokenizer PATH, or --prompt-ids."));
        return generate(tokenizer.encode(prompt), options, listener);
    }

    /** @param promptIds each from 0 to V − 1 */
    public Generation generate(int[] promptIds, SamplingOptions options, Listener listener) {
        if (!options.stop().isEmpty() && pieces.tokenizer().isEmpty()) {
            throw new ModelFormatException("A stop string needs a tokenizer, and the model directory has none. Give --tokenizer PATH.");
        }
        int[] prompt = checked(promptIds);
        listener.prompt(prompt);
        Window window = new Window(prompt);
        List<Generation.Sample> samples = new ArrayList<>();
        int longest = 0;
        for (int i = 0; i < options.samples(); i++) {
            Generation.Sample sample = new Run(i, prompt, window, options, listener).go();
            samples.add(sample);
            longest = Math.max(longest, sample.ids().length);
        }
        return new Generation(options.seed(), prompt, samples, notice(prompt.length, longest));
    }

    private int[] checked(int[] promptIds) {
        for (int i = 0; i < promptIds.length; i++) {
            if (promptIds[i] < 0 || promptIds[i] >= model.vocabSize()) {
                throw new ConfigException("Prompt id %d (number %d of %d) is not in the vocabulary: ids are 0 to %d."
                    .formatted(promptIds[i], i + 1, promptIds.length, model.vocabSize() - 1));
            }
        }
        if (promptIds.length > 0) {
            return promptIds.clone();
        }
        OptionalInt endOfText = pieces.endOfText();
        if (endOfText.isEmpty() || endOfText.getAsInt() >= model.vocabSize()) {
            throw new ConfigException("The prompt is empty, and this vocabulary has no <|endoftext|> to start from:"
                + " give at least one character, e.g. --prompt \"The\".");
        }
        return new int[] {endOfText.getAsInt()};
    }

    /** The last token of the longest sample was computed from everything before it. */
    private Optional<String> notice(int promptTokens, int newTokens) {
        int context = model.contextLength();
        int outOfView = promptTokens + newTokens - 1 - context;
        if (outOfView <= 0) {
            return Optional.empty();
        }
        return Optional.of(String.format(Locale.ROOT, "The context of %,d tokens was full after %,d new tokens: from then on each token"
            + " was computed from the last %,d at positions 0 …, recomputed; in the end the first %,d of %,d tokens were out of view.",
            context, Math.max(0, context - promptTokens), context, outOfView, promptTokens + newTokens - 1));
    }

    /** What the model has read: the prompt, the tokens after it, and once the context is full only the last of them. */
    private final class Window {
        private final int[] prompt;
        private final float[] afterPrompt;
        private int[] ids;
        private int size;

        Window(int[] prompt) {
            this.prompt = prompt;
            model.rewind(0);
            this.afterPrompt = model.read(lastOf(prompt, prompt.length)).clone();
        }

        /** Back to the prompt, which is read once for all samples, and again only where a full context took its place. */
        float[] restart() {
            boolean lost = size > model.contextLength();
            ids = Arrays.copyOf(prompt, prompt.length + 64);
            size = prompt.length;
            if (size < model.contextLength()) { // otherwise the first new token is computed anew anyway
                model.rewind(lost ? 0 : size);
                if (lost) {
                    model.read(prompt);
                }
            }
            return afterPrompt;
        }

        float[] append(int id) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size + size / 2 + 1);
            }
            ids[size++] = id;
            if (size <= model.contextLength()) {
                return model.read(id);
            }
            model.rewind(0);
            return model.read(lastOf(ids, size));
        }

        private int[] lastOf(int[] all, int end) {
            return Arrays.copyOfRange(all, Math.max(0, end - model.contextLength()), end);
        }
    }

    /** One sample being made. */
    private final class Run {
        private final int number;
        private final Window window;
        private final SamplingOptions options;
        private final Listener listener;
        private final Sampler sampler;
        private final Draws draws;
        private final StopStrings stops;
        private final Pieces.Stream decoder = pieces.stream();
        private final BitSet seen = new BitSet();
        private final StringBuilder text = new StringBuilder();
        private final List<Step> steps = new ArrayList<>();

        Run(int number, int[] prompt, Window window, SamplingOptions options, Listener listener) {
            this.number = number;
            this.window = window;
            this.options = options;
            this.listener = listener;
            this.sampler = Sampler.of(options);
            this.draws = new Draws(options.seed(), number);
            this.stops = new StopStrings(options.stop());
            Arrays.stream(prompt).forEach(seen::set);
        }

        Generation.Sample go() {
            float[] logits = window.restart();
            Optional<FinishReason> finished = Optional.empty();
            while (finished.isEmpty()) {
                int id = draw(logits);
                finished = finishedBy(id);
                if (finished.isEmpty()) {
                    logits = window.append(id);
                }
            }
            if (finished.get() != FinishReason.STOP) {
                say(stops.push(decoder.finish()) + stops.finish());
            }
            Generation.Sample sample = new Generation.Sample(pieces.tokenizer().map(t -> text.toString()),
                steps.stream().mapToInt(Step::id).toArray(), finished.get(), steps);
            listener.finished(number, sample);
            return sample;
        }

        private int draw(float[] logits) {
            Candidates candidates = sampler.candidates(logits, seen);
            int id = candidates.distribution().draw(draws.next());
            Step step = Step.of(candidates, id, options.showDistribution(), pieces);
            seen.set(id);
            steps.add(step);
            listener.token(number, step, candidates);
            return id;
        }

        private Optional<FinishReason> finishedBy(int id) {
            if (!options.ignoreEos() && pieces.endOfText().equals(OptionalInt.of(id))) {
                return Optional.of(FinishReason.EOS);
            }
            say(stops.push(decoder.push(id)));
            if (stops.matched()) {
                return Optional.of(FinishReason.STOP);
            }
            return steps.size() == options.maxTokens() ? Optional.of(FinishReason.LENGTH) : Optional.empty();
        }

        private void say(String more) {
            if (!more.isEmpty()) {
                text.append(more);
                listener.text(number, more);
            }
        }
    }
}
