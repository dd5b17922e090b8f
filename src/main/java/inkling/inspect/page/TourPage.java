package inkling.inspect.page;

import inkling.errors.Printable;
import inkling.generate.DrawnToken;
import inkling.inspect.AttentionMap;
import inkling.inspect.BlockArithmetic;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.Neurons;
import inkling.inspect.NextToken;
import inkling.inspect.embedding.EmbeddingSpace;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.Positions;
import inkling.perf.ParameterTally;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Shows how one prompt passes through a model, step by step: tokens, embedding, blocks, norm, attention, MLP, residual stream, logits,
 * softmax, sample, repeat. Every number on the page comes from this model.
 */
public final class TourPage {
    /** The longest prompt, in tokens: longer prompts make crowded pictures. */
    public static final int MOST_TOKENS = 48;
    private static final int NEIGHBORS_SHOWN = 5;
    private static final int GUESSES_SHOWN = 4;

    /**
     * The model and the prompt of the tour, with everything that the tour shows of them.
     *
     * @param model the model's name, plain text
     * @param trace the forward pass of the prompt, at most {@link #MOST_TOKENS} tokens
     * @param lens the predictions of each layer in the same pass
     * @param tally the model's parameters
     * @param embedding all V rows of the embedding, in the order of ids
     * @param positions the learned position vectors for the prompt's tokens; empty if the model has no learned positions
     * @param arithmetic the numbers inside each block for the same prompt
     * @param neurons the strongest neurons, as [block][token][rank]
     * @param continuation tokens drawn after the prompt, with their likeliest alternatives
     * @param temperature the temperature at which the continuation was drawn
     */
    public record Subject(String model, ForwardTrace trace, LogitLens lens, ParameterTally tally, EmbeddingSpace embedding,
                          List<float[]> positions, List<BlockArithmetic> arithmetic, List<List<List<Neurons.Neuron>>> neurons,
                          List<DrawnToken> continuation, double temperature) {}

    private TourPage() {}

    /** The page, as text; to be written in UTF-8. */
    public static String html(Subject subject) {
        GptConfig config = subject.trace().config();
        String body = HtmlPage.resource("tour.html");
        for (Map.Entry<String, String> sentence : sentences(config).entrySet()) {
            body = body.replace("{" + sentence.getKey() + "}", sentence.getValue());
        }
        String title = "A walk through the model " + subject.model();
        String lead = String.format(Locale.ROOT,
            "How this model of %,d parameters reads %s and chooses the next one: every step, with its own"
            + " numbers.", subject.tally().parameters(), Printable.counted(subject.trace().length(), "token"));
        return new HtmlPage(title, lead)
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("tour.css"))
            .body(body.replace("{V}", grouped(config.vocabSize())).replace("{C}", grouped(config.nEmbd()))
                .replace("{L}", grouped(config.nLayer())).replace("{H}", grouped(config.attention().nHead()))
                .replace("{N}", grouped(subject.trace().length()))
                .replace("{S}", Printable.counted(subject.continuation().size(), "token"))
                .replace("{T}", Double.toString(subject.temperature()))
                .replace("{hs}", grouped(config.attention().headSize())).replace("{I}", grouped(config.mlp().nInner())))
            .data("tour", data(subject))
            .module("flow.js").module("tour.js").module("tour-block.js")
            .module("tour-choice.js")
            .render();
    }

    /** What differs between architectures: name of a placeholder in tour.html -> the sentence or part of a sentence for it, as markup. */
    private static Map<String, String> sentences(GptConfig config) {
        double factor = config.attention().queryFactor();
        double scale = config.scales().embedding();
        return Map.of("EMBEDDING_SCALE", scale == 1 ? "" : " and multiplied by " + figure(scale), "POSITIONS", positions(config),
            "BRANCHES", branches(config), "NORM", norm(config),
            "QUERY_FACTOR", factor == 1 ? "" : ", already multiplied by " + figure(factor),
            "SCORE_CAP", cap("score", config.attention().scoreCap()),
            "MLP_PLACE", config.branches() == Branches.SERIAL ? "Then" : "Beside attention,", "MLP_OUTPUT", mlpOutput(config),
            "LOGITS", logits(config));
    }

    private static String branches(GptConfig config) {
        return switch (config.branches()) {
            case SERIAL -> "Each reads the vectors twice and adds to them twice: attention passes information between tokens, then the MLP"
                + " works on each token by itself.";
            case PARALLEL, PARALLEL_ONE_NORM -> "In each, attention and the MLP read the same vectors and both add to them: attention"
                + " passes information between tokens, the MLP works on each token by itself.";
        };
    }

    /** What happens to the sum of the neurons' rows: the end of the sentence that begins with "The sum of all is" in tour.html. */
    private static String mlpOutput(GptConfig config) {
        double scale = config.scales().residual();
        String normalised = config.norm().placement().after() ? "normalised" : "";
        String multiplied = scale == 1 ? "" : "multiplied by " + figure(scale);
        String before = normalised + (normalised.isEmpty() || multiplied.isEmpty() ? "" : ", ") + multiplied;
        return before + (before.isEmpty() ? "" : " and ") + "added to the stream";
    }

    private static String logits(GptConfig config) {
        double scale = config.scales().logit();
        return (scale == 1 ? "" : " It is multiplied by " + figure(scale) + ".") + cap("logit", config.scales().logitCap());
    }

    private static String cap(String what, double cap) {
        return Double.isInfinite(cap) ? ""
            : " A cap keeps it within ±%1$s: a %2$s s becomes %1$s · tanh(s / %1$s).".formatted(figure(cap), what);
    }

    private static String figure(double value) {
        return BigDecimal.valueOf(LensPage.rounded(value)).stripTrailingZeros().toPlainString();
    }

    private static String positions(GptConfig config) {
        boolean everywhere = IntStream.range(0, config.nLayer()).allMatch(block -> config.rope(block).isPresent());
        return switch (config.positions()) {
            case LEARNED -> "A learned vector for the token's position is added to the row, so that the order of the tokens is not lost.";
            case ROPE -> "The token's position comes in later: " + (everywhere ? "" : "in some blocks, ")
                + "attention rotates queries and keys by an angle that grows with the position.";
            case NONE -> "Nothing tells this model a token's position.";
        };
    }

    /** A sentence about what a block reads, as markup: tour.js fills in the chosen block and token. */
    private static String norm(GptConfig config) {
        String block = "Block <em class=\"chosen-block\"></em>";
        String vector = "the vector of <em class=\"chosen-token\"></em>";
        if (!config.norm().placement().before()) {
            return block + " reads " + vector + " as it is: this architecture has no norm here, and normalises what a block adds instead.";
        }
        return "%s does not read %s as it is: %s.".formatted(block, vector, switch (config.norm().kind()) {
            case LAYER_NORM -> "LayerNorm subtracts the mean of the vector's own numbers, divides by their standard deviation, and "
                + "multiplies each of them by a learned number (and adds another, if it has biases)";
            case RMS_NORM -> "RMSNorm divides it by the root of the mean of its squared numbers, and multiplies each of them by a "
                + "learned number";
        });
    }

    private static Map<String, Object> data(Subject subject) {
        ForwardTrace trace = subject.trace();
        GptConfig config = trace.config();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("labels", trace.labels());
        data.put("ids", trace.ids());
        data.put("layers", config.nLayer());
        data.put("heads", config.attention().nHead());
        data.put("width", config.nEmbd());
        data.put("learnedPositions", config.positions() == Positions.LEARNED);
        data.put("embeddingScale", LensPage.rounded(config.scales().embedding()));
        data.put("rows", Arrays.stream(trace.ids()).mapToObj(id -> strip(scaled(subject.embedding().word(id).vector(),
            (float) config.scales().embedding()))).toList());
        data.put("positions", subject.positions().stream().map(TourPage::strip).toList());
        data.put("streams", IntStream.rangeClosed(0, config.nLayer())
            .mapToObj(layer -> Arrays.stream(trace.stream(layer)).map(TourPage::strip).toList()).toList());
        data.put("added", trace.blocks().stream().map(block -> List.of(lengths(block.attention()), lengths(block.mlp()))).toList());
        AttentionMap map = AttentionMap.of(trace);
        data.put("weights", AttentionPage.packed(map));
        data.put("guesses", subject.lens().layers().stream().map(layer -> layer.positions().stream()
            .map(position -> position.top().stream().limit(GUESSES_SHOWN).map(g -> List.of(g.label(), LensPage.rounded(g.probability())))
                .toList())
            .toList()).toList());
        data.put("near", Arrays.stream(trace.ids()).mapToObj(id -> near(subject, id)).toList());
        data.put("places", subject.tally().places().entrySet().stream().map(place -> List.of(place.getKey(), place.getValue())).toList());
        data.put("parameters", subject.tally().parameters());
        data.put("logits", TranscriptStep.floats(trace.nextLogits()));
        data.put("names", IntStream.range(0, config.vocabSize()).mapToObj(id -> NextToken.label(trace.tokenText(), id)).toList());
        data.put("blocks", IntStream.range(0, config.nLayer()).mapToObj(layer -> TourBlock.data(subject, layer,
            map.clearest(OptionalInt.of(layer + 1), OptionalInt.empty()).head())).toList());
        data.put("neuronsOf", config.mlp().nInner());
        data.put("scoreCap", Double.isInfinite(config.attention().scoreCap()) ? null : config.attention().scoreCap());
        data.put("steps", subject.continuation().stream().map(step -> step(trace, step)).toList());
        return data;
    }

    private static Map<String, Object> step(ForwardTrace trace, DrawnToken step) {
        List<List<Object>> top = new ArrayList<>();
        step.top().forEach(entry -> top.add(List.of(entry.id(), LensPage.rounded(entry.probability()))));
        return Map.of("id", step.id(), "p", LensPage.rounded(step.probability()), "rank", step.rank(), "top", top,
            "label", NextToken.label(trace.tokenText(), step.id()));
    }

    private static List<List<Object>> near(Subject subject, int id) {
        EmbeddingSpace.Word word = subject.embedding().word(id);
        List<List<Object>> near = new ArrayList<>();
        if (lengths(new float[][] {word.vector()})[0] > 0) {
            subject.embedding().neighbors(word, NEIGHBORS_SHOWN).forEach(neighbor ->
                near.add(List.of(NextToken.label(subject.trace().tokenText(), neighbor.row()), LensPage.rounded(neighbor.similarity()))));
        }
        return near;
    }

    private static float[] scaled(float[] vector, float scale) {
        float[] scaled = vector.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= scale;
        }
        return scaled;
    }

    /** The Euclidean length of each row. */
    private static double[] lengths(float[][] rows) {
        return Arrays.stream(rows).mapToDouble(row -> {
            double sum = 0;
            for (float x : row) {
                sum += (double) x * x;
            }
            return LensPage.rounded(Math.sqrt(sum));
        }).toArray();
    }

    /**
     * A vector to draw: its Euclidean length, its largest absolute value, and each number as a signed byte. The byte 127 stands for the
     * largest absolute value; this is as exact as a picture can show.
     */
    static Map<String, Object> strip(float[] vector) {
        double most = 0;
        for (float x : vector) {
            most = Math.max(most, Math.abs(x));
        }
        byte[] bytes = new byte[vector.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.round(127 * vector[i] / Math.max(most, 1e-30));
        }
        return Map.of("length", lengths(new float[][] {vector})[0], "most", LensPage.rounded(most), "x", Base64.getEncoder()
            .encodeToString(bytes));
    }

    private static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
