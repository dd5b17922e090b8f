package inkling.serve.view;

import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.Sampler;
import inkling.generate.SamplingOptions;
import inkling.inspect.TokenScores;
import inkling.inspect.page.TranscriptPage;
import inkling.run.LoadedModel;
import java.util.Arrays;
import java.util.BitSet;

/** Shows a text that a model wrote, token by token, in a page like that of {@code sample --html}. */
final class WrittenText {
    private final LoadedModel model;
    private final int[] ids;
    private final int from;
    private final Sampler sampler;
    private final TranscriptPage page;
    private final BitSet seen = new BitSet();
    private int read;

    private WrittenText(String name, LoadedModel model, int[] ids, int from, SamplingOptions options) {
        this.model = model;
        this.ids = ids;
        this.from = from;
        this.sampler = Sampler.of(options);
        this.page = new TranscriptPage(name, options, model.tokenizer());
    }

    /**
     * Reads the text once, and shows for each written token the distribution that it was drawn from.
     *
     * @param name the model's, for the heading
     * @param from how many of {@code ids} are the prompt; at least 1, and less than the number of ids
     * @param options the sampling options that the tokens were drawn with
     */
    static String html(String name, LoadedModel model, int[] ids, int from, SamplingOptions options) {
        WrittenText text = new WrittenText(name, model, ids, from, options);
        text.page.prompt(Arrays.copyOf(ids, from));
        TokenScores.of(model.gpt(), model.manager(), model.tokenText(), ids, 0, text::next);
        return text.page.html();
    }

    /** Called after each token of the text. @param logits (V), for the token that follows */
    private void next(float[] logits) {
        seen.set(ids[read++]);
        if (read < from || read == ids.length) {
            return;
        }
        Candidates candidates = sampler.candidates(logits, seen);
        page.token(0, DrawnToken.of(candidates, ids[read], 0, model.tokenText()), candidates);
    }
}
