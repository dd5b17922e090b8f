package inkling.inspect.page;

import ai.djl.ndarray.NDManager;
import inkling.data.Tokens;
import inkling.engine.ComputeContext;
import inkling.generate.DrawnToken;
import inkling.generate.Generator;
import inkling.generate.GptLogits;
import inkling.generate.SamplingOptions;
import inkling.generate.TokenText;
import inkling.inspect.AttentionMap;
import inkling.inspect.BlockArithmetic;
import inkling.inspect.Comparison;
import inkling.inspect.ContextCurve;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.Neurons;
import inkling.inspect.WordTrace;
import inkling.inspect.embedding.ModelSpace;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.perf.ParameterTally;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The six pages that share flow.css, drawn from a small model and a text that would break a page if it were not escaped. {@link #logits}
 * and {@link #attended} are the model's own numbers, to which the tests compare the tour.
 */
final class FlowPages {
    static final String HOSTILE = "</script><script>document.title='owned'</script>\u001b[2J\u202e cat";
    static final GptConfig TOURED = GptOptions.DEFAULT.with(o -> o.nLayer(3).nHead(2).nEmbd(16).contextLength(64)
            .layers(List.of(new LayerConfig(Optional.empty(), LayerRope.MAIN), new LayerConfig(Optional.of(4), LayerRope.MAIN))))
        .over(CharTokenizer.fit(HOSTILE + "a cat").vocabSize() + 20);

    /** The pages by name. */
    final Map<String, String> pages;
    /** The logits after the tour's last token, by id. */
    final float[] logits;
    /** The attention weights of the tour, [layer][head][query][key]. */
    final float[][][][] attended;

    FlowPages(NDManager manager) {
        Tokenizer letters = CharTokenizer.fit(HOSTILE + "a cat");
        GptConfig config = TOURED;
        Gpt gpt = Gpt.initialise(config, manager, 5);
        gpt.parameters().asMap().forEach((name, array) -> {
            if (array.getShape().dimension() == 2) {
                array.muli(12);
            }
        });
        TokenText tokenText = new TokenText(Optional.of(letters));
        String text = HOSTILE.substring(0, 40) + "\u001b[2J\u202e cat";
        ForwardTrace trace = ForwardTrace.of(gpt, manager, tokenText, letters.encode(text));
        ForwardTrace shorter = ForwardTrace.of(gpt, manager, tokenText, letters.encode("a cat"));
        logits = trace.nextLogits();
        attended = AttentionMap.of(trace).weights();
        LogitLens lens = LogitLens.of(trace, gpt, manager, 8);
        int[] ids = IntStream.range(0, 2_000).map(i -> i * i % config.vocabSize()).toArray();
        List<DrawnToken> steps = new Generator(new GptLogits(gpt, manager, ComputeContext.of("cpu")), Optional.of(letters))
            .generate(letters.encode("a cat"),
            SamplingOptions.DEFAULT.withMaxTokens(6).withShowDistribution(4), Generator.Listener.NONE).samples().get(0).steps();
        pages = Map.of(
            "attention", AttentionPage.html(HOSTILE, AttentionMap.of(trace), OptionalInt.of(1), OptionalInt.of(1)),
            "lens", LensPage.html(HOSTILE, lens),
            "compare", ComparisonPage.html(HOSTILE, "a cat", HOSTILE, Comparison.of(shorter, trace, 8)),
            "trace", WordTracePage.html(HOSTILE, WordTrace.of("cat", WordTrace.find("cat", text, trace, letters),
                WordTrace.find("cat", "a cat", shorter, letters))),
            "context", ContextPage.html(HOSTILE, HOSTILE, ContextCurve.of(gpt, manager, Tokens.of(ids), 40, 30), Optional.of(HOSTILE)),
            "tour", tour(gpt, manager, trace, steps));
    }

    /** The tour of a prompt's pass through {@code gpt}. It shows no position vectors. */
    static String tour(Gpt gpt, NDManager manager, ForwardTrace trace, List<DrawnToken> steps) {
        List<BlockArithmetic> arithmetic = BlockArithmetic.of(gpt, manager, trace.ids());
        return TourPage.html(new TourPage.Subject(HOSTILE, trace, LogitLens.of(trace, gpt, manager, 8), ParameterTally.of(gpt.config()),
            ModelSpace.of(gpt, ModelSpace.Matrix.EMBEDDING, trace.tokenText()), List.of(), arithmetic,
            Neurons.of(gpt, manager, arithmetic, 3, 2), steps, 0.8));
    }
}
