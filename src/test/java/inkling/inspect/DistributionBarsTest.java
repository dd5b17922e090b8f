package inkling.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.Sampler;
import inkling.generate.SamplingOptions;
import inkling.generate.TokenText;
import inkling.inspect.DistributionBars.TerminalStyle;
import inkling.inspect.embedding.Vocabulary;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DistributionBarsTest {
    private static final TokenText PIECES = new TokenText(Optional.of(
        Vocabulary.of(" old", " man", " woman", "\u001b[2J\n", "日本", " an extraordinarily long token", "x")));
    private static final float[] LOGITS = logs(0.5, 0.25, 0.125, 0.0625, 0.03125, 0.03, 0.00125);

    private static float[] logs(double... p) {
        float[] logits = new float[p.length];
        for (int i = 0; i < p.length; i++) {
            logits[i] = (float) Math.log(p[i]);
        }
        return logits;
    }

    private static List<String> draw(SamplingOptions options, int id, int n, TerminalStyle style) {
        Candidates candidates = Sampler.of(options.withTemperature(options.temperature() == 0.8 ? 1 : options.temperature()))
            .candidates(LOGITS, new BitSet());
        return new DistributionBars(PIECES, style).lines(3, DrawnToken.of(candidates, id, n, PIECES));
    }

    @Test void showsWhatWasDrawnWhatElseAndWhatWasRemoved() {
        assertEquals(String.join("\n",
            "  3 ␣man  drawn at 33.3 %, rank 2, entropy 0.92 bits",
            "    top-k 2 removed 5 tokens (25.0 %)",
            "      ␣old       " + "█".repeat(46) + " 66.7 %",
            "    ▸ ␣man       " + "█".repeat(23) + " ".repeat(24) + "33.3 %",
            "    ✕ ␣woman     " + "░".repeat(9) + " ".repeat(38) + "12.5 % removed",
            "    ✕ \\x1b[2J\\n  " + "░".repeat(4) + " ".repeat(43) + "6.25 % removed"),
            String.join("\n", draw(SamplingOptions.DEFAULT.withTopK(2), 1, 4, TerminalStyle.PLAIN)));
    }

    @Test void barsAndMarksAreDrawnInAsciiToo() {
        List<String> lines = draw(SamplingOptions.DEFAULT.withTopK(2), 1, 3, new TerminalStyle(80, false, false));
        assertTrue(lines.get(3).startsWith("    > \" man\"    ####"), lines.get(3));
        assertTrue(lines.get(4).startsWith("    x \" woman\"  ...."), lines.get(4));
        assertTrue(lines.stream().allMatch(line -> line.chars().allMatch(c -> c < 128)));
    }

    @Test void aTokenBeyondTheLikeliestIsShownBelowThem() {
        List<String> lines = draw(SamplingOptions.DEFAULT, 6, 2, TerminalStyle.PLAIN);
        assertTrue(lines.get(3).startsWith("    ▸ x ") && lines.get(3).endsWith("0.12 %"), lines.get(3));
        assertEquals(1, draw(SamplingOptions.DEFAULT, 6, 0, TerminalStyle.PLAIN).size());
    }

    @Test void atTemperatureZeroTheOthersAreShownAsRemoved() {
        List<String> lines = draw(SamplingOptions.DEFAULT.withTemperature(0), 0, 2, TerminalStyle.PLAIN);
        assertEquals("    temperature 0 removed 6 tokens (50.0 %)", lines.get(1));
        assertTrue(lines.get(2).startsWith("    ▸ ␣old ") && lines.get(2).endsWith("100.0 %"), lines.get(2));
        assertTrue(lines.get(3).endsWith("25.0 % removed"), lines.get(3));
    }

    @Test void noLineIsWiderThanTheTerminal() {
        for (int width : new int[] {60, 70, 80, 133}) {
            for (int id = 0; id < 7; id++) {
                for (String line : draw(SamplingOptions.DEFAULT.withTopK(4).withTopP(0.9), id, 7, new TerminalStyle(width, false, true))) {
                    int columns = line.codePoints().map(c -> c >= 0x2E80 && c < 0xA4CF ? 2 : 1).sum();
                    assertTrue(columns <= width, width + ": " + line);
                }
            }
        }
    }

    @Test void colourIsOnlyAddedToWhatIsSaidAnyway() {
        List<String> plain = draw(SamplingOptions.DEFAULT.withTopK(2), 1, 4, TerminalStyle.PLAIN);
        List<String> colour = draw(SamplingOptions.DEFAULT.withTopK(2), 1, 4, new TerminalStyle(80, true, true));
        assertTrue(colour.get(3).contains("\u001b["));
        assertEquals(plain, colour.stream().map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "")).toList());
        assertFalse(String.join("", plain).contains("\u001b"), "escape sequences in tokens are shown, not sent");
    }

    @Test void percentagesNeverReadAsZeroUnlessTheyAre() {
        assertEquals(List.of("0 %", "100.0 %", "12.3 %", "1.23 %", "0.012 %", "1e-04 %"),
            List.of(0.0, 1.0, 0.123, 0.0123, 0.00012, 0.000001).stream().map(DistributionBars::percent).toList());
    }
}
