package inkling.own;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.data.Tokens;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.formats.ModelDirectory;
import inkling.model.config.GptConfig;
import inkling.reference.ReferenceGpt;
import inkling.reference.StoredModel;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The parts of {@code bench/own-models/make} that are not commands of Inkling. They work in the current directory. {@code text} writes the
 * training text. {@code finish} gives exported models the form of other programs' files, and computes their expected results with the
 * reference.
 */
public final class OwnModels {
    private static final int TALES = 300;
    private static final int GOLDEN_IDS = 24;
    private static final int GOLDEN_WRITTEN = 40;
    /** Greedy ids end before the first whose logit leads by less than this: far more than float32 or another processor can change. */
    private static final double CLEAR = 0.05;

    private OwnModels() {}

    public static void main(String[] arguments) throws IOException {
        Path text = Path.of("tales.txt");
        if (arguments[0].equals("text")) {
            Files.writeString(text, Tales.text(TALES, 1));
        }
        if (arguments[0].equals("finish")) {
            for (String name : List.of("gpt2", "llama")) {
                Path model = Path.of(name);
                makeForeign(model.resolve("config.json"));
                golden(name, model, text).write(model);
            }
        }
    }

    /** Removes Inkling's own section, so that the keys of the model family must say everything. */
    private static void makeForeign(Path file) throws IOException {
        ObjectNode config = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        config.remove("inkling");
        Files.writeString(file, config.toPrettyString() + "\n");
    }

    private static Golden golden(String name, Path model, Path text) {
        GptConfig config = ModelDirectory.config(model);
        ReferenceGpt gpt = name.equals("llama") ? StoredModel.llama(model, config) : StoredModel.gpt2(model, config);
        Tokenizer tokenizer = TokenizerFiles.read(model);
        int[] ids = Arrays.copyOf(tokenizer.encode(Tales.text(1, 99)), GOLDEN_IDS);
        Tokens heldOut = Corpus.open(List.of(text.toString()), DataConfig.Format.TEXT)
            .split(0.1).validation().tokens(tokenizer, SpecialIds.of(tokenizer));
        int[] all = IntStream.range(0, Math.toIntExact(heldOut.count())).map(heldOut::at).toArray();
        return new Golden(ids, gpt.logits(new int[][] {ids})[0], gpt.greedy(ids, GOLDEN_WRITTEN, CLEAR),
            loss(gpt, all, config.contextLength()));
    }

    /** The mean loss of all predicted tokens. They are read in consecutive windows, of which the last may be shorter. */
    private static double loss(ReferenceGpt gpt, int[] ids, int context) {
        double sum = 0;
        for (int from = 0; from < ids.length - 1; from += context) {
            int to = Math.min(from + context, ids.length - 1);
            sum += (to - from) * gpt.loss(new int[][] {Arrays.copyOfRange(ids, from, to)},
                new int[][] {Arrays.copyOfRange(ids, from + 1, to + 1)});
        }
        return sum / (ids.length - 1);
    }
}
