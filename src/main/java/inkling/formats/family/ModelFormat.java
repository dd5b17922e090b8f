package inkling.formats.family;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.UnknownFamily;
import inkling.io.json.JsonFields;
import inkling.model.GptLayout.Weights;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One family of models: what its config.json says, and how its tensors become our parameters, for reading and for writing. Most new
 * families extend {@link LlamaKin}, as {@link Olmo2Format} does in some 30 lines. Each is added to {@link #ALL}.
 *
 * <p>This interface has no default methods. With one, Java would initialise {@link #ALL} before the first family that is used, and
 * {@link #ALL} needs all families.
 */
public sealed interface ModelFormat permits Gpt2Format, LlamaKin, InklingFormat {
    /**
     * Every family. The last one is our own: it can express every architecture, but only Inkling reads it. An export for Transformers
     * takes the family that the model came from. If there is none, or it cannot express the architecture, the export takes the first
     * family here that can, but never our own.
     */
    List<ModelFormat> ALL = List.of(new Gpt2Format(), new LlamaFormat(), new MistralFormat(), new Qwen2Format(), new Qwen3Format(),
        new SmolLm3Format(), new GemmaFormat(), new Gemma2Format(), new Gemma3Format(), new GptNeoxFormat(), new Phi3Format(),
        new GraniteFormat(), new Olmo2Format(), new StableLmFormat(), new InklingFormat());

    /**
     * The family that {@code config} names.
     *
     * @throws inkling.errors.ModelFormatException if {@code config} names no family, or one that is not in {@link #ALL}
     */
    static ModelFormat of(JsonFields config) {
        String type = config.requireString("model_type");
        return ALL.stream().filter(format -> format.modelType().equals(type)).findFirst().orElseThrow(() -> config.fault("model_type",
            "is not supported%s; %s are, and what Inkling writes.".formatted(UnknownFamily.why(type, config),
                ALL.stream().filter(format -> !(format instanceof InklingFormat)).map(ModelFormat::modelType)
                    .collect(Collectors.joining(", ")))));
    }

    /** {@code model_type} in config.json. */
    String modelType();

    /**
     * The architecture that {@code config} describes.
     *
     * @throws inkling.errors.ModelFormatException if a key is missing or not known, or has a value that is not supported
     */
    GptConfig read(JsonFields config);

    /** The options, named as in a run file, that this family cannot express; empty if it can express all. */
    List<String> obstacles(GptConfig config);

    /**
     * The architecture as config.json, without Inkling's own section. Options among the {@link #obstacles} are lost. Our own format writes
     * no options here: they are all in that section.
     */
    ObjectNode write(GptConfig config);

    /** Every tensor that other programs look for in a directory of this family, in the order of writing. */
    List<Stored> tensors(GptConfig config);

    /** The prefix that tensor names may have or lack, e.g. {@code model.}. */
    String prefix();

    /** The unembedding's name. Files of models that tie it to the embedding may hold a copy of the embedding under this name. */
    String unembedding();

    /**
     * One tensor in the files.
     *
     * @param name its name when written
     * @param shape its shape in the file
     * @param layout whether it is one of our parameters unchanged, or made of parts of our parameters
     * @param slices the parts of our parameters that it holds; with {@link Layout#SAME} only one, the whole parameter
     */
    record Stored(String name, Shape shape, Layout layout, List<Slice> slices) {
        public Stored {
            slices = List.copyOf(slices);
        }

        /** A tensor that is one of our parameters unchanged. */
        public static Stored same(String name, Shape shape, String parameter) {
            return new Stored(name, shape, Layout.SAME, List.of(new Slice(parameter, 0, 0, shape.get(0))));
        }

        /** A vector (width) that holds {@code width} numbers of one of our vectors, from {@code column} on. */
        public static Stored part(String name, String parameter, long column, long width) {
            return new Stored(name, new Shape(width), Layout.ROWS, List.of(new Slice(parameter, column, 0, width)));
        }

        /**
         * The tensors of a linear. The rows of its weight (out, in) are {@code pieces} of our weights, in this order. If our linears have
         * biases, there is also a bias (out), made in the same way.
         */
        public static List<Stored> linear(String name, long in, List<Piece> pieces) {
            List<Slice> weight = new ArrayList<>();
            List<Slice> bias = new ArrayList<>();
            long row = 0;
            for (Piece piece : pieces) {
                weight.add(new Slice(piece.linear().weight(), piece.column(), row, piece.width()));
                long first = row;
                piece.linear().bias().ifPresent(b -> bias.add(new Slice(b, piece.column(), first, piece.width())));
                row += piece.width();
            }
            List<Stored> stored = new ArrayList<>(List.of(new Stored(name + ".weight", new Shape(row, in), Layout.ROWS, weight)));
            if (!bias.isEmpty()) {
                stored.add(new Stored(name + ".bias", new Shape(row), Layout.ROWS, bias));
            }
            return stored;
        }

        /** The names of the parameters that this tensor holds, in part or as a whole. */
        public Set<String> parameters() {
            return slices.stream().map(Slice::parameter).collect(Collectors.toSet());
        }
    }

    /** {@code width} outputs of one of our linears, from {@code column} on. */
    record Piece(Weights linear, long column, long width) {}

    /**
     * A part of one of our parameters: {@code width} columns (of a vector: numbers), from {@code column} on. With {@link Layout#SAME} it is
     * the whole parameter, and {@code width} is the size of its first dimension.
     *
     * @param row the first of the {@code width} rows that hold this part in the file's tensor
     */
    record Slice(String parameter, long column, long row, long width) {}

    /**
     * {@link #SAME}: one of our parameters unchanged. {@link #ROWS}: each row is a column of one of our matrices, or a number of a vector.
     */
    enum Layout { SAME, ROWS }
}
