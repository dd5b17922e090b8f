package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.generate.Candidates;
import inkling.generate.Sampler;
import inkling.generate.SamplingField;
import inkling.generate.SamplingOptions;
import inkling.inspect.page.Browser;
import inkling.serve.TestServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page turns logits into probabilities as {@link Sampler} does: the same probabilities and cuts, for all settings. */
@Tag("browser")
class ShapeTest {
    private static final int V = 400;
    private static final int CASES = 200;

    private record Case(float[] logits, List<Integer> seen, Map<String, Double> options) {
        static Case of(Random random) {
            float[] logits = new float[V];
            for (int i = 0; i < V; i++) {
                logits[i] = Math.round(random.nextGaussian() * 12) / 4f; // rounded, so that some are equal
            }
            List<Integer> seen = random.ints(10, 0, V).boxed().toList();
            Map<String, Double> options = new LinkedHashMap<>();
            for (SamplingField field : SamplingField.values()) {
                options.put(field.key(), random.nextBoolean() ? field.neutral() : value(field, random));
            }
            return new Case(logits, seen, options);
        }

        private static double value(SamplingField field, Random random) {
            return switch (field) {
                case TEMPERATURE -> random.nextInt(3) == 0 ? 0 : random.nextInt(1, 40) / 20.0;
                case TOP_K -> random.nextInt(V + 50);
                case TOP_P -> random.nextInt(1, 100) / 100.0;
                case MIN_P -> random.nextInt(100) / 100.0;
                case REPETITION_PENALTY -> random.nextInt(50, 200) / 100.0;
            };
        }

        Candidates expected() {
            BitSet ids = new BitSet();
            seen.forEach(ids::set);
            SamplingOptions all = SamplingOptions.DEFAULT;
            for (SamplingField field : SamplingField.values()) {
                all = field.with(all, options.get(field.key()));
            }
            return Sampler.of(all).candidates(logits, ids);
        }
    }

    @Test void thePageShapesLogitsAsTheSamplerDoes() throws IOException {
        Random random = new Random(5);
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            cases.add(Case.of(random));
        }
        List<?> shaped;
        try (Browser browser = Browser.open(600, 400)) {
            new Playground(browser).open(TestServer.shared().uri("/")).ready();
            shaped = (List<?>) browser.driver().executeAsyncScript("const [cases, done] = arguments;"
                + "const at = document.querySelector('script[type=module]').src.replace('playground.js', 'shape.js');"
                + "import(at).then(({shaped}) => done(JSON.parse(cases).map(({logits, seen, options}) => {"
                + "  const own = Float32Array.from(logits);"
                + "  shaped(own, seen, {temperature: 1, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1});"   // as the page does first
                + "  const s = shaped(own, seen, options);"
                + "  return {p: [...s.p], whole: [...s.whole], kept: s.kept, bits: s.bits,"
                + "    cut: s.removals.map(r => [r.by, r.tokens, r.probability])};"
                + "})))", new ObjectMapper().writeValueAsString(cases));
        }
        assertEquals(CASES, shaped.size());
        for (int i = 0; i < CASES; i++) {
            check(cases.get(i), (Map<?, ?>) shaped.get(i));
        }
    }

    private static void check(Case one, Map<?, ?> shaped) {
        Candidates expected = one.expected();
        String what = one.options().toString();
        List<?> p = (List<?>) shaped.get("p");
        List<?> whole = (List<?>) shaped.get("whole");
        for (int id = 0; id < V; id++) {
            assertEquals(expected.distribution().probability(id), ((Number) p.get(id)).doubleValue(), 1e-12, what);
            assertEquals(expected.untruncated().probability(id), ((Number) whole.get(id)).doubleValue(), 1e-12, what);
        }
        assertEquals(expected.distribution().keptCount(), ((Number) shaped.get("kept")).intValue(), what);
        assertEquals(expected.distribution().entropyBits(), ((Number) shaped.get("bits")).doubleValue(), 1e-9, what);
        List<?> cuts = (List<?>) shaped.get("cut");
        assertEquals(expected.removals().stream().map(Candidates.Removal::tokens).toList(),
            cuts.stream().map(cut -> ((Number) ((List<?>) cut).get(1)).intValue()).toList(), what);
        double[] taken = expected.removals().stream().mapToDouble(Candidates.Removal::probability).toArray();
        double[] told = cuts.stream().mapToDouble(cut -> ((Number) ((List<?>) cut).get(2)).doubleValue()).toArray();
        assertEquals(taken.length, told.length, what + Arrays.toString(told));
        for (int i = 0; i < taken.length; i++) {
            assertEquals(taken[i], told[i], 1e-9, what);
        }
    }

    /** Values are written as Python literals. "true" inside a text stays as it is, and a character beyond 16 bits is one escape. */
    @Test void valuesAreWrittenForPython() throws IOException {
        try (Browser browser = Browser.open(600, 400)) {
            new Playground(browser).open(TestServer.shared().uri("/")).ready();
            Object written = browser.driver().executeAsyncScript("const done = arguments[0];"
                + "const at = document.querySelector('script[type=module]').src.replace('playground.js', 'copies.js');"
                + "import(at).then(({pythonOf}) => done(pythonOf({a: 'It is true \\u{1F600} é', b: [true, null, 0.5]})));");
            assertEquals("{\"a\": \"It is true \\U0001f600 \\u00e9\", \"b\": [True, None, 0.5]}", written);
        }
    }
}
