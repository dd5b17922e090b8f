package inkling.inspect.page;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.generate.DrawnToken;
import inkling.model.Gpt;
import inkling.model.config.Branches;
import inkling.model.config.GptOptions;
import inkling.model.config.GptOptionsBuilder;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the tour says of a model is true for models of every family, whose blocks, factors and caps differ. */
class TourPageTest extends TracedModels {
    private String page(Consumer<GptOptionsBuilder> options) {
        Gpt gpt = model(GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(16).contextLength(12)).with(options).over(23));
        return FlowPages.tour(gpt, manager, trace(gpt, 3, 1, 4, 1, 5), List.of());
    }

    /** The words of a tour, without markup. */
    private String words(Consumer<GptOptionsBuilder> options) {
        return words(page(options));
    }

    private static String words(String page) {
        return page.replaceAll("(?s)<(style|script).*?</\\1>", "").replaceAll("<[^>]+>", "").replaceAll("\\s+", " ");
    }

    @Test void anOrdinaryModelHasNoFactorsAndNoCaps() {
        String words = words(o -> { });
        says(words, "is looked up. A learned vector", "adds to them twice", "(8 numbers) is compared", "is the score. Softmax",
            "Then the MLP", "is added to the stream", "After a last norm", "the logit. The columns");
        assertFalse(words.contains("multiplied by"), words);
    }

    @Test void oneTokenIsToldInTheSingular() {
        Gpt gpt = model(GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(16).contextLength(12)).over(23));
        List<DrawnToken> drawn = List.of(new DrawnToken(4, Optional.empty(), 0.5, 1, 1, 2, List.of(), List.of()));
        says(words(FlowPages.tour(gpt, manager, trace(gpt, 3), drawn)), "reads 1 token and chooses", "only numbers, 1 for this text.",
            "The model wrote 1 token at temperature");
        says(words(FlowPages.tour(gpt, manager, trace(gpt, 3, 1), List.of(drawn.get(0), drawn.get(0)))), "reads 2 tokens and chooses",
            "only numbers, 2 for this text.", "The model wrote 2 tokens at temperature");
    }

    @Test void factorsAreToldWhereTheyAct() {
        says(words(o -> o.embeddingScale(12).attentionScale(Optional.of(0.25)).residualScale(0.22).logitScale(0.125)),
            "is looked up and multiplied by 12.", "(8 numbers, already multiplied by 0.707107) is compared",
            "is multiplied by 0.22 and added to the stream", "the logit. It is multiplied by 0.125. The columns");
    }

    @Test void capsAreToldWhereTheyAct() {
        says(words(o -> o.scoreCap(Optional.of(50.0)).logitCap(Optional.of(30.0))),
            "is the score. A cap keeps it within ±50: a score s becomes 50 · tanh(s / 50). Softmax",
            "the logit. A cap keeps it within ±30: a logit s becomes 30 · tanh(s / 30). The columns");
    }

    @Test void branchesBesideEachOtherReadTheSame() {
        for (Branches branches : List.of(Branches.PARALLEL, Branches.PARALLEL_ONE_NORM)) {
            String words = words(o -> o.branches(branches));
            says(words, "In each, attention and the MLP read the same vectors and both add to them", "Beside attention, the MLP of block");
            assertFalse(words.contains("twice") || words.contains("Then the MLP"), words);
        }
    }

    @Test void normsAfterTheMlpAreTold() {
        for (NormPlacement placement : List.of(NormPlacement.POST, NormPlacement.SANDWICH)) {
            says(words(o -> o.normPlacement(placement)), "The sum of all is normalised and added to the stream.");
        }
    }

    @Test void blocksWithoutPositionsAreTold() {
        List<LayerConfig> some = List.of(LayerConfig.DEFAULT, new LayerConfig(Optional.empty(), LayerRope.NONE));
        says(words(o -> o.positions(Positions.ROPE)), "comes in later: attention rotates");
        says(words(o -> o.positions(Positions.ROPE).layers(some)), "comes in later: in some blocks, attention rotates");
    }

    /** Without learned positions, the row times its factor is the vector that enters the first block. */
    @Test void theRowIsDrawnTimesItsFactor() throws IOException {
        Matcher data = Pattern.compile("(?s)<script[^>]* id=\"data-tour\"[^>]*>(.*?)</script>")
            .matcher(page(o -> o.positions(Positions.ROPE).embeddingScale(12)));
        assertEquals(true, data.find());
        JsonNode tour = new ObjectMapper().readTree(data.group(1));
        assertEquals(12, tour.get("embeddingScale").doubleValue());
        for (int t = 0; t < 5; t++) {
            assertEquals(tour.get("streams").get(0).get(t), tour.get("rows").get(t), "token " + t);
        }
    }
}
