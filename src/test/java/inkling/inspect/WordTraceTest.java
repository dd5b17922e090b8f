package inkling.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordTraceTest {
    private static WordTrace.Occurrence find(LoadedModel model, String word, String text, int... before) {
        int[] ids = IntStream.concat(IntStream.of(before), IntStream.of(model.tokenizer().orElseThrow().encode(text))).toArray();
        return WordTrace.find(word, text, ForwardTrace.of(model.gpt(), model.manager(), model.tokenText(), ids),
            model.tokenizer().orElseThrow());
    }

    /** Many models read a special token before each text. The text does not contain that token's name. */
    @Test void aTokenInFrontOfTheTextMovesTheWordByOne() {
        try (LoadedModel model = LoadedModel.open(ModelLocation.of(Fixtures.own("llama"), Optional.empty()), Optional.empty(),
            ComputeContext.of("cpu"))) {
            int begin = model.tokenizer().orElseThrow().id("<|endoftext|>").orElseThrow();
            WordTrace.Occurrence plain = find(model, "man", "The old man and the sea");
            WordTrace.Occurrence moved = find(model, "man", "The old man and the sea", begin);
            assertEquals(plain.position() + 1, moved.position());
            assertEquals(plain.tokensOfWord(), moved.tokensOfWord());
            WordTrace.Occurrence written = find(model, "man", "<|endoftext|>The old man and the sea");
            assertEquals(plain.tokensOfWord(), written.tokensOfWord());
            assertEquals(plain.label(), written.label());
        }
    }
}
