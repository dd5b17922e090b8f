package inkling.inspect.page;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertFalse;

import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Row;
import inkling.runfile.ConfigDifference;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("thorough")
class RunComparisonPageTest {
    static RunHistory history(double... losses) {
        return new RunHistory(java.util.stream.IntStream.range(0, losses.length)
            .mapToObj(i -> new Row(i * 100L, i * 1000L, new double[] {losses[i] + 0.5, losses[i], 1e-3, 1, 500})).toList());
    }

    @Test void curvesLossesAndDifferencesOfEachRunAreThere() throws Exception {
        String html = RunComparisonPage.html("two", List.of(new RunComparisonPage.Run("wide", "finished", history(4, 2.25, 3)),
            new RunComparisonPage.Run("<b>narrow</b>", "stopped early", history(4, 3.5))),
            List.of(new ConfigDifference("model.n_embd", List.of("64", "<32>"))));
        ValidHtml.check(html);
        ValidHtml.checkSelfContained(html);
        says(html, "wide", "finished", "2.2500 at 100", "3.0000 at 200", "stopped early", "3.5000 at 100", "class=\"curve run-1\"",
            "class=\"curve run-2\"", "Perplexity: the same as", "model.n_embd", "64", "&lt;32&gt;");
        assertFalse(html.contains("<b>narrow"));
    }

    @Test void lossesOfPairsAreNotSaidToBeOfTokens() throws Exception {
        RunHistory pairs = new RunHistory(List.of(new Row(100, 1000, new double[] {0.6, 0.5, 1e-3, 1, 500, 0.8, 1, 0.7, 1, 0.1})));
        RunComparisonPage.Run preferences = new RunComparisonPage.Run("pairs", "finished", pairs);
        String alone = RunComparisonPage.html("one", List.of(preferences), List.of());
        says(alone, "Validation loss, nats per pair");
        assertFalse(alone.contains("nats per token") || alone.contains("Perplexity"));
        says(RunComparisonPage.html("both", List.of(preferences, new RunComparisonPage.Run("text", "finished", history(4, 3))), List.of()),
            "Validation loss, nats per token, of preferences nats per pair");
    }

    @Test void runsThatLoggedNothingMakeAPage() throws Exception {
        String html = RunComparisonPage.html("new", List.of(new RunComparisonPage.Run("a", "running", history())), List.of());
        ValidHtml.check(html);
        assertFalse(html.contains("<svg"));
    }
}
