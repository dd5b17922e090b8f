package inkling.generate;

import inkling.generate.Generator.Listener;
import inkling.tokenizer.bpe.ByteTokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Generates texts with made-up models, so that every token is known. */
abstract class GeneratedText {
    static final ByteTokenizer BYTES = new ByteTokenizer("END", " END.");
    static final int END = 257;
    static final int SPACE_END = 258;
    static final SamplingOptions OPTIONS = SamplingOptions.DEFAULT.withTemperature(1).withMaxTokens(30).withIgnoreEos(true);

    static Generation generate(NextLogits model, int[] prompt, SamplingOptions options) {
        return new Generator(model, Optional.of(BYTES)).generate(prompt, options, Listener.NONE);
    }

    /**
     * The text of a model that says {@code script} after a prompt of one token; {@code streamed} gets the pieces of text that the listener
     * hears.
     */
    static Generation.Sample said(SamplingOptions options, List<String> streamed, int... script) {
        FakeModel model = FakeModel.saying(BYTES.vocabSize(), 1, script);
        Listener listener = new Listener() {
            @Override
            public void text(int sample, String text) {
                streamed.add(text);
            }
        };
        return new Generator(model, Optional.of(BYTES)).generate("p", options, listener).samples().get(0);
    }

    static int[] ids(String text, int... more) {
        return IntStream.concat(Arrays.stream(BYTES.encode(text)), Arrays.stream(more)).toArray();
    }

    /** Generates by definition: each token from the last {@code context} tokens, without a cache. */
    static int[] slowly(int vocabSize, int context, int[] prompt, SamplingOptions options, int sample) {
        int[] all = prompt.clone();
        SampleDraws draws = new SampleDraws(options.seed(), sample);
        for (int i = 0; i < options.maxTokens(); i++) {
            BitSet seen = new BitSet();
            Arrays.stream(all).forEach(seen::set);
            float[] logits = FakeModel.noise(vocabSize, Arrays.copyOfRange(all, Math.max(0, all.length - context), all.length));
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = Sampler.of(options).candidates(logits, seen).distribution().draw(draws.next());
        }
        return Arrays.copyOfRange(all, prompt.length, all.length);
    }
}
