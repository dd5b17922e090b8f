package inkling.serve;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.formats.HuggingFaceExport;
import inkling.formats.family.GenerationSettings;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A model that says one text over and over. Each token has only the next token of the text as a likely successor, so the text must not
 * hold a token twice.
 */
public final class ScriptedModel {
    private static final int CONTEXT = 512;
    private static final float CERTAIN = 4;

    private ScriptedModel() {}

    /** Writes the model directory {@code to}, with the byte-level tokenizer of our own models. */
    public static void write(String text, Path to) {
        write(text, CERTAIN, to);
    }

    /** The same, but after the last token of the text one logit is infinite. */
    static void writeFailing(String text, Path to) {
        write(text, Float.MAX_VALUE, to);
    }

    /** Another model, which learned nothing: its tokens are the characters of a short sentence, and the full stop is its end token. */
    public static void writeOfLetters(Path to) {
        Tokenizer tokenizer = CharTokenizer.fit("a cat sat on a mat.\n");
        int end = tokenizer.id(".").orElseThrow();
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(1).nEmbd(8).contextLength(CONTEXT)).over(tokenizer.vocabSize());
        try (NDManager manager = ComputeContext.of("cpu").manager(); Gpt gpt = Gpt.initialise(config, manager, 1)) {
            HuggingFaceExport.writeAny(gpt, new HuggingFaceExport.Beside(Optional.of(tokenizer), GenerationSettings.of(
                new SpecialIds(List.of(), OptionalInt.empty(), OptionalInt.of(end), List.of(end))), Optional.empty()), to);
        }
    }

    private static void write(String text, float last, Path to) {
        Tokenizer tokenizer = TokenizerFiles.read(Fixtures.own("gpt2"));
        int[] ids = tokenizer.encode(text);
        int v = tokenizer.vocabSize();
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(1).nEmbd(v).nInner(8).contextLength(CONTEXT).tieEmbeddings(false)
            .positions(Positions.NONE)).over(v);
        float[] identity = new float[v * v];
        float[] next = new float[v * v];
        for (int id = 0; id < v; id++) {
            identity[id * v + id] = 1;
        }
        for (int i = 0; i < ids.length; i++) {
            next[ids[(i + 1) % ids.length] * v + ids[i]] = i + 1 < ids.length ? CERTAIN : last;
        }
        try (NDManager manager = ComputeContext.of("cpu").manager(); Gpt gpt = Gpt.initialise(config, manager, 1)) {
            for (String name : gpt.parameters().names()) {
                if (!name.contains("ln_")) {
                    gpt.parameters().get(name).muli(0);
                }
            }
            gpt.parameters().get("wte.weight").addi(manager.create(identity, new Shape(v, v)));
            gpt.parameters().get("lm_head.weight").addi(manager.create(next, new Shape(v, v)));
            HuggingFaceExport.writeAny(gpt, new HuggingFaceExport.Beside(Optional.of(tokenizer),
                GenerationSettings.of(SpecialIds.of(tokenizer)), Optional.empty()), to);
        }
    }
}
