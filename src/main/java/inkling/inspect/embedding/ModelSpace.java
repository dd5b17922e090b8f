package inkling.inspect.embedding;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.generate.TokenText;
import inkling.model.Gpt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/** A model's vocabulary as an {@link EmbeddingSpace}: the rows of its embedding (input) or of its unembedding (output). */
public final class ModelSpace {
    /** Which of a model's two matrices to read. They are the same if the model ties them. */
    public enum Matrix { EMBEDDING, UNEMBEDDING }

    /** How many rows are copied at once. */
    private static final int ROWS_AT_ONCE = 4096;

    private ModelSpace() {}

    /**
     * Copies all V rows of a matrix. A row's name is the vocabulary's own string, or {@code #17} for id 17 if no tokenizer has it. If
     * several ids have the same string, {@code #} and the id are appended to all but the first.
     */
    public static EmbeddingSpace of(Gpt gpt, Matrix matrix, TokenText tokenText) {
        float[][] rows = rows(gpt, switch (matrix) {
            case EMBEDDING -> gpt.layout().tokenEmbedding();
            case UNEMBEDDING -> gpt.layout().unembedding();
        });
        List<String> names = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int id = 0; id < rows.length; id++) {
            int number = id;
            String name = tokenText.token(id).orElseGet(() -> "#" + number);
            while (!taken.add(name)) {
                name += "#" + id;
            }
            names.add(name);
        }
        return new EmbeddingSpace(names, rows);
    }

    /** Copies the matrix {@code name}, (V, C), to float32; the model may store it in another form. */
    private static float[][] rows(Gpt gpt, String name) {
        int c = gpt.config().nEmbd();
        float[][] rows = new float[gpt.config().vocabSize()][];
        for (int from = 0; from < rows.length; from += ROWS_AT_ONCE) {
            long[] ids = LongStream.range(from, Math.min(rows.length, from + ROWS_AT_ONCE)).toArray();
            try (NDManager scope = gpt.parameters().manager().newSubManager()) {
                float[] flat = gpt.parameters().matrix(name).lookup(scope.create(ids, new Shape(1, ids.length))).toFloatArray();
                for (int i = 0; i < ids.length; i++) {
                    rows[from + i] = Arrays.copyOfRange(flat, i * c, (i + 1) * c);
                }
            }
        }
        return rows;
    }
}
