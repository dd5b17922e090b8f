package inkling.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PerplexityTest {
    @Test void aHugePerplexityIsWrittenShort() {
        assertEquals("27.39", new Evaluator.Result(3.31, 10).perplexityText(2));
        assertEquals("984609.1", new Evaluator.Result(13.8, 10).perplexityText(1));
        assertEquals("7.2e+86", new Evaluator.Result(200, 10).perplexityText(1));
        assertEquals("Infinity", new Evaluator.Result(1000, 10).perplexityText(1));
    }
}
