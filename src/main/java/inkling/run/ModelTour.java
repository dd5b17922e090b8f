package inkling.run;

import ai.djl.ndarray.NDArray;
import inkling.errors.ConfigException;
import inkling.generate.Generation;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.inspect.BlockArithmetic;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.Neurons;
import inkling.inspect.embedding.ModelSpace;
import inkling.inspect.page.TourPage;
import inkling.model.Gpt;
import inkling.perf.ParameterTally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Computes what {@link TourPage} shows: a forward pass of the prompt, the weights that the pass uses, and the model's continuation. */
public final class ModelTour {
    private static final int WRITTEN_TOKENS = 40;
    private static final int ALTERNATIVES = 6;
    private static final int NEURONS_SHOWN = 6;
    private static final int TOKENS_A_NEURON = 4;
    private static final double TEMPERATURE = 0.8;

    private ModelTour() {}

    /**
     * The page as HTML.
     *
     * @param name of the model, plain text
     * @param ids the prompt
     * @param seed of the continuation
     * @throws ConfigException if the prompt has more than {@link TourPage#MOST_TOKENS} tokens
     */
    public static String html(String name, LoadedModel model, int[] ids, long seed) {
        if (ids.length > TourPage.MOST_TOKENS) {
            throw new ConfigException("The prompt is %d tokens; a tour shows at most %d. Shorten it.".formatted(ids.length,
                TourPage.MOST_TOKENS));
        }
        Gpt gpt = model.gpt();
        ForwardTrace trace = ForwardTrace.of(gpt, model.manager(), model.tokenText(), ids);
        SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(WRITTEN_TOKENS).withTemperature(TEMPERATURE).withSeed(seed)
            .withShowDistribution(ALTERNATIVES);
        List<BlockArithmetic> arithmetic = BlockArithmetic.of(gpt, model.manager(), ids);
        Generation.Sample written = written(model, ids, options);
        return TourPage.html(new TourPage.Subject(name, trace, LogitLens.of(trace, gpt, model.manager(), ALTERNATIVES),
            ParameterTally.of(gpt.config()),
            ModelSpace.of(gpt, ModelSpace.Matrix.EMBEDDING, model.tokenText()), positions(gpt, ids.length), arithmetic,
            Neurons.of(gpt, model.manager(), arithmetic, NEURONS_SHOWN, TOKENS_A_NEURON), written.steps(), TEMPERATURE));
    }

    private static Generation.Sample written(LoadedModel model, int[] ids, SamplingOptions options) {
        try (GenerationSession session = model.openSession()) {
            return session.generate(ids, options, Generator.Listener.NONE).samples().get(0);
        }
    }

    /** The embeddings of the positions 0 … t − 1, each of C numbers; empty if the model learns no positions. */
    private static List<float[]> positions(Gpt gpt, int t) {
        List<float[]> rows = new ArrayList<>();
        if (gpt.layout().positionEmbedding().isPresent()) {
            NDArray weight = gpt.parameters().get(gpt.layout().positionEmbedding().get());
            float[] flat = weight.toFloatArray();
            int c = gpt.config().nEmbd();
            for (int i = 0; i < t; i++) {
                rows.add(Arrays.copyOfRange(flat, i * c, (i + 1) * c));
            }
        }
        return rows;
    }
}
