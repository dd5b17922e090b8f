package inkling.inspect.embedding;

import ai.djl.ndarray.NDArray;
import inkling.generate.TokenText;
import inkling.model.Gpt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A model's vocabulary as an {@link EmbeddingSpace}: the rows of its embedding (input) or of its unembedding (output). */
public final class ModelSpace {
    /** Which of the two matrices; they are the same if the model ties them. */
    public enum Matrix { EMBEDDING, UNEMBEDDING }

    private ModelSpace() {}

    /** All V rows, named by the vocabulary's own strings, or {@code #17} for an id that no tokenizer has. Copies the matrix. */
    public static EmbeddingSpace of(Gpt gpt, Matrix matrix, TokenText tokenText) {
        NDArray weight = gpt.parameters().get(switch (matrix) {                                       // (V, C)
            case EMBEDDING -> gpt.layout().tokenEmbedding();
            case UNEMBEDDING -> gpt.layout().unembedding();
        });
        int c = gpt.config().nEmbd();
        float[] flat = weight.toFloatArray();
        float[][] rows = new float[gpt.config().vocabSize()][];
        List<String> names = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int id = 0; id < rows.length; id++) {
            rows[id] = Arrays.copyOfRange(flat, id * c, (id + 1) * c);
            int number = id;
            String name = tokenText.token(id).orElseGet(() -> "#" + number);
            names.add(taken.add(name) ? name : name + "#" + id);
        }
        return new EmbeddingSpace(names, rows);
    }
}
