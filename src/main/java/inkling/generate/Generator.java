package inkling.generate;

import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Continues a prompt, token by token. Several samples are generated together, in groups of at most {@link NextLogits#mostSequences}. The
 * model reads the prompt once, and then computes each step for all samples of a group. A sample's random numbers do not depend on the other
 * samples. The last bits of its logits may depend on them, because a matrix product rounds differently at another size. A generator and its
 * {@link NextLogits} serve one thread at a time; open a {@link GenerationSession} for each thread.
 *
 * <p>{@code new Generator(model, Optional.of(tokenizer)).generate("It was", SamplingOptions.DEFAULT, Listener.NONE)}
 */
public final class Generator {
    private final NextLogits model;
    private final Prompts prompts;

    /** As {@link #Generator(NextLogits, Optional, SpecialIds)}, with the special ids that the tokenizer alone defines. */
    public Generator(NextLogits model, Optional<Tokenizer> tokenizer) {
        this(model, tokenizer, tokenizer.map(SpecialIds::of).orElse(SpecialIds.NONE));
    }

    /**
     * @param tokenizer without one, prompts are ids and there is no text
     * @param special which ids are put before a prompt of text, and which ids end a sample
     */
    public Generator(NextLogits model, Optional<Tokenizer> tokenizer, SpecialIds special) {
        this.model = model;
        this.prompts = new Prompts(new TokenText(tokenizer), special, model.vocabSize());
    }

    /**
     * Receives tokens and text as they are generated. Samples that are generated together take turns: in each step, each gets one token.
     */
    public interface Listener {
        Listener NONE = new Listener() {};

        /**
         * Called with all ids of the prompt, before the model reads them. Of a prompt longer than the context, the model reads only the
         * end.
         */
        default void prompt(int[] ids) {}

        /** {@code tokens} tokens of the prompt have been read, and more remain; called only where prompts are read in parts. */
        default void promptRead(int tokens) {}

        /** A token was drawn. The listener may keep {@code candidates}, but they are large: each of their arrays has V doubles. */
        default void token(int sample, DrawnToken step, Candidates candidates) {}

        /**
         * More text of a sample. An incomplete character, and text that may be the beginning of a stop string, are held back until more
         * tokens or the sample's end decide.
         */
        default void text(int sample, String text) {}

        /** A sample has ended: it is complete, or was cancelled. */
        default void finished(int sample, Generation.Sample result) {}

        /** A listener that passes everything on to this one, then to {@code other}. */
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
        public void promptRead(int tokens) {
            first.promptRead(tokens);
            second.promptRead(tokens);
        }

        @Override
        public void token(int sample, DrawnToken step, Candidates candidates) {
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

    /** As {@link #generate(String, SamplingOptions, Listener, BooleanSupplier)}, without a way to stop it. */
    public Generation generate(String prompt, SamplingOptions options, Listener listener) {
        return generate(prompt, options, listener, () -> false);
    }

    /** As {@link #generate(int[], SamplingOptions, Listener, BooleanSupplier)}, without a way to stop it. */
    public Generation generate(int[] promptIds, SamplingOptions options, Listener listener) {
        return generate(promptIds, options, listener, () -> false);
    }

    /**
     * Continues a text; otherwise as {@link #generate(int[], SamplingOptions, Listener, BooleanSupplier)}.
     *
     * @throws ConfigException if the prompt is empty and no id can replace it ({@link SpecialIds#start}). Also if the tokenizer gives an id
     *     that the model lacks
     * @throws ModelFormatException if there is no tokenizer, or the logits are not numbers
     */
    public Generation generate(String prompt, SamplingOptions options, Listener listener, BooleanSupplier stop) {
        return generate(prompts.ids(prompt), options, listener, stop);
    }

    /**
     * Generates as many samples as {@code options} asks for. Once {@code stop} returns true, the samples are returned as they are. Those
     * that were not complete have {@link FinishReason#CANCELLED}, and those without a token yet are empty.
     *
     * @param promptIds each from 0 to V − 1, where V is the size of the vocabulary
     * @param stop asked on this thread before each call of the model, and before each step, which draws one token for each
     *     incomplete sample of a group. Once it returns true, no token is drawn and it is not asked again
     */
    public Generation generate(int[] promptIds, SamplingOptions options, Listener listener, BooleanSupplier stop) {
        int[] prompt = prompts.checked(promptIds, options);
        listener.prompt(prompt);
        int room = (int) Math.min(model.contextLength(), (long) prompt.length + options.maxTokens());
        BooleanSupplier stopped = lasting(stop);
        float[] logits = stopped.getAsBoolean() ? new float[0] : read(prompt, room).clone();
        List<Generation.Sample> samples = new ArrayList<>();
        for (int left = options.samples(); left > 0; left = options.samples() - samples.size()) {
            List<SampleInProgress> group = new ArrayList<>();
            for (int i = 0; i < Math.min(left, model.mostSequences(room)); i++) {
                group.add(prompts.begin(samples.size() + i, prompt, options, listener));
            }
            generateGroup(group, logits, room, stopped);
            group.forEach(sample -> samples.add(sample.result()));
        }
        return Generation.of(options.seed(), prompt, samples, model.contextLength());
    }

    /** A supplier that asks {@code stop} until it returns true once, and from then on returns true without asking. */
    public static BooleanSupplier lasting(BooleanSupplier stop) {
        boolean[] said = {false};
        return () -> said[0] = said[0] || stop.getAsBoolean();
    }

    private float[] read(int[] prompt, int room) {
        if (prompt.length > model.contextLength()) {
            return model.readApart(Arrays.copyOfRange(prompt, prompt.length - model.contextLength(), prompt.length))[0];
        }
        model.keep(0, room, 0);
        return model.read(prompt)[0];
    }

    /** Generates all samples of {@code group}, one token of each at a time, until they are complete or {@code stopped} returns true. */
    private void generateGroup(List<SampleInProgress> group, float[] afterPrompt, int room, BooleanSupplier stopped) {
        float[][] logits = group.stream().map(sample -> afterPrompt).toArray(float[][]::new);
        int[] rows = new int[group.size()]; // all of them continue sequence 0, which read the prompt
        List<SampleInProgress> going = group;
        while (!going.isEmpty() && !stopped.getAsBoolean()) {
            List<SampleInProgress> before = going;
            for (int i = 0; i < before.size(); i++) {
                before.get(i).advance(logits[i]);
            }
            int[] kept = IntStream.range(0, before.size()).filter(i -> !before.get(i).isComplete()).toArray();
            going = Arrays.stream(kept).mapToObj(before::get).toList();
            if (!going.isEmpty() && !stopped.getAsBoolean()) {
                logits = next(going, Arrays.stream(kept).map(i -> rows[i]).toArray(), room);
                Arrays.setAll(rows, i -> i);
            }
        }
        going.forEach(SampleInProgress::cancel);
    }

    /**
     * Computes the logits after the last token of each sample. Once the context is full, the model reads the last tokens again for each new
     * token, as many as fit.
     */
    private float[][] next(List<SampleInProgress> going, int[] rows, int room) {
        int size = going.get(0).size();
        if (size > model.contextLength()) {
            return model.readApart(going.stream().map(sample -> sample.last(model.contextLength())).toArray(int[][]::new));
        }
        model.keep(size - 1, room, rows);
        return model.read(going.stream().map(sample -> new int[] {sample.lastId()}).toArray(int[][]::new));
    }
}
