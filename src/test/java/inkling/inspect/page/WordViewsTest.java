package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.data.Tokens;
import inkling.errors.ConfigException;
import inkling.generate.TokenText;
import inkling.inspect.Comparison;
import inkling.inspect.ContextCurve;
import inkling.inspect.ForwardTrace;
import inkling.inspect.WordTrace;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three views of what context does: {@link Comparison} (a prompt with and without a text before it), {@link WordTrace} (one word in two
 * texts) and {@link ContextCurve} (the loss by the position in the context).
 */
class WordViewsTest extends TracedModels {
    @ParameterizedTest
    @MethodSource("architectures")
    void aPreamblesShiftIsTheDivergenceOfTheTwoDistributions(GptConfig config) {
        Gpt gpt = model(config);
        ForwardTrace without = trace(gpt, 4, 2);
        ForwardTrace with = trace(gpt, 9, 9, 8, 4, 2);
        Comparison comparison = Comparison.of(without, with, 5);
        double[] q = softmax(without.nextLogits());
        double[] p = softmax(with.nextLogits());
        double bits = IntStream.range(0, 23).mapToDouble(i -> p[i] * Math.log(p[i] / q[i]) / Math.log(2)).sum();
        assertEquals(bits, comparison.klBits(), 1e-6);
        assertTrue(bits > 0.01, "the two must differ");
        int mover = comparison.movers().get(0).id();
        for (int i = 0; i < 23; i++) {
            assertTrue(Math.abs(p[i] - q[i]) <= Math.abs(p[mover] - q[mover]) + 1e-9);
        }
        assertEquals(p[mover] - q[mover], comparison.movers().get(0).change(), 1e-6);
        JsonNode json = new ObjectMapper().valueToTree(comparison.json());
        assertEquals(5, json.get("without").get("top").size());
        assertEquals(comparison.with().get(0).id(), json.get("with").get("top").get(0).get("id").intValue());
        assertEquals(0, Comparison.of(without, without, 5).klBits());
    }

    @ParameterizedTest
    @EnumSource(NormPlacement.class)
    void aWordsPageSaysWhetherLengthsCount(NormPlacement placement) {
        Tokenizer letters = CharTokenizer.fit("abcdefghijklmnop qrstu.");
        Gpt gpt = model(GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(16).contextLength(12).normPlacement(placement)).over(23));
        String page = WordTracePage.html("m",
            WordTrace.of("cat", place(gpt, letters, "cat", "a cat ran"), place(gpt, letters, "cat", "the red cat")));
        assertEquals(placement.before(), page.contains("reads a vector through a norm"));
        assertEquals(!placement.before(), page.contains("its parts read a vector as it is"));
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void thePartsOfAWordsTraceSumToTheWhole(GptConfig config) {
        Tokenizer letters = CharTokenizer.fit("abcdefghijklmnop qrstu.");
        Gpt gpt = model(config);
        WordTrace trace = WordTrace.of("cat", place(gpt, letters, "cat", "a cat ran"), place(gpt, letters, "cat", "the red cat"));
        assertEquals(config.nLayer() + 1, trace.layers().size());
        assertEquals(4, trace.a().position());
        assertEquals(3, trace.a().tokensOfWord());
        assertEquals(10, trace.b().position());
        double sum = trace.layers().get(0).distance();
        double degrees = trace.layers().get(0).angle();
        for (int layer = 1; layer <= config.nLayer(); layer++) {
            WordTrace.Layer row = trace.layers().get(layer);
            sum += row.byDistance().attention() + row.byDistance().mlp();
            degrees += row.byAngle().attention() + row.byAngle().mlp();
            assertEquals(distance(trace.a().vector(layer), trace.b().vector(layer)), row.distance(), 1e-5);
            assertEquals(row.distance(), sum, 1e-5);
            assertEquals(row.cosine(), Math.cos(Math.toRadians(degrees)), 1e-6);
            assertTrue(Math.abs(row.byAngle().attention()) > 1e-3 && Math.abs(row.byAngle().mlp()) > 1e-3);
        }
        assertTrue(trace.remarks().get(0).startsWith("cat is 3 tokens to this model"), trace.remarks().toString());
        assertEquals(config.positions() == Positions.LEARNED, trace.layers().get(0).distance() > 1e-3);
        WordTrace same = WordTrace.of("cat", trace.a(), trace.a());
        assertEquals(1, same.layers().get(config.nLayer()).cosine(), 1e-6);
        assertTrue(same.summary().startsWith("The two vectors point 0.0° apart at the end = 0.0° at the embedding"), same.summary());
        assertTrue(same.summary().endsWith("hardly changes this word here. Try another text."), same.summary());
        assertTrue(same.isSameToken());
    }

    private WordTrace.Occurrence place(Gpt gpt, Tokenizer tokenizer, String word, String text) {
        ForwardTrace trace = ForwardTrace.of(gpt, manager, new TokenText(Optional.of(tokenizer)), tokenizer.encode(text));
        return WordTrace.find(word, text, trace, tokenizer);
    }

    private static double distance(float[] a, float[] b) {
        return Math.sqrt(IntStream.range(0, a.length).mapToDouble(i -> ((double) a[i] - b[i]) * ((double) a[i] - b[i])).sum());
    }

    @Test void onlyAWholeWordIsFoundAndAMissingOneIsNamed() {
        Tokenizer letters = CharTokenizer.fit("abcdefghijklmnop qrstu.");
        Gpt gpt = model(architectures().findFirst().orElseThrow());
        assertEquals(10, place(gpt, letters, "cat", "cat. a cat.").position() + 1, "the last \"cat\" that is a word");
        assertEquals(2, place(gpt, letters, "cat", "cat scats").position());
        String part = assertThrows(ConfigException.class, () -> place(gpt, letters, "cat", "scats")).getMessage();
        assertEquals("The word cat does not occur in the context \"scats\" as a word of its own."
            + " Both contexts must have it, spelled the same.", part);
        assertThrows(ConfigException.class, () -> place(gpt, letters, " ", "a b"));
    }

    @Test void theContextCurveIsTheMeanLossAtEachPosition() {
        Gpt gpt = model(architectures().findFirst().orElseThrow());
        int[] ids = IntStream.range(0, 41).map(i -> i * i % 23).toArray();
        ContextCurve curve = ContextCurve.of(gpt, manager, Tokens.of(ids), 8, 100);
        assertEquals(5, curve.windows());
        double[] expected = new double[8];
        for (int w = 0; w < 5; w++) {
            float[] logits = plainLogits(gpt, Arrays.copyOfRange(ids, 8 * w, 8 * w + 8));
            for (int i = 0; i < 8; i++) {
                expected[i] -= Math.log(softmax(Arrays.copyOfRange(logits, 23 * i, 23 * i + 23))[ids[8 * w + i + 1]]) / 5;
            }
        }
        assertArrayEquals(expected, curve.loss(), 1e-4);
        assertEquals(List.of(1, 2, 3, 5), curve.ranges().stream().map(ContextCurve.Range::from).toList());
        assertEquals((expected[2] + expected[3]) / 2, curve.ranges().get(2).loss(), 1e-4);
        assertEquals(3, ContextCurve.of(gpt, manager, Tokens.of(1, 2, 3, 4), 8, 100).length(), "a short text is one short window");
        assertEquals(2, ContextCurve.of(gpt, manager, Tokens.of(ids), 8, 2).windows());
        for (int[] few : new int[][] {{}, {1}}) {
            String fault = assertThrows(ConfigException.class, () -> ContextCurve.of(gpt, manager, Tokens.of(few), 8, 100)).getMessage();
            assertEquals("The text has too few tokens (%d): at least 2 are needed, since the first is never predicted."
                .formatted(few.length), fault);
        }
    }
}
