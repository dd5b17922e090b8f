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
 * One family of model directories: what its config.json says, and how its tensors become our parameters. Reading and writing share it. A
 * new family mostly extends {@link LlamaKin}, as {@link Olmo2Format} does in some 30 lines, and has its place in {@link #ALL}.
 */
public sealed interface ModelFormat permits Gpt2Format, LlamaKin, InklingFormat {
    /**
     * A model is exported in the form of the family that it came from, or else of the first of these that can express its architecture; the
     * last, our own, can express every one.
     */
    List<ModelFormat> ALL = List.of(new Gpt2Format(), new LlamaFormat(), new MistralFormat(), new Qwen2Format(), new Qwen3Format(),
        new SmolLm3Format(), new GemmaFormat(), new Gemma2Format(), new Gemma3Format(), new GptNeoxFormat(), new Phi3Format(),
        new GraniteFormat(), new Olmo2Format(), new StableLmFormat(), new InklingFormat());

    /** The family that {@code config} names. @throws inkling.errors.ModelFormatException if it is not among {@link #ALL} */
    static ModelFormat of(JsonFields config) {
        String type = config.requireString("model_type");
        return ALL.stream().filter(format -> format.modelType().equals(type)).findFirst().orElseThrow(() -> config.fault("model_type",
            "is not supported%s; %s are, and what Inkling writes.".formatted(UnknownFamily.why(type, config),
                ALL.stream().filter(format -> !(format instanceof InklingFormat)).map(ModelFormat::modelType)
                    .collect(Collectors.joining(", ")))));
    }

    /** {@code model_type} in config.json. */
    String modelType();

    /** The architecture. @throws inkling.errors.ModelFormatException naming each option that is not supported */
    GptConfig read(JsonFields config);

    /** The options, named as in a run file, that this family cannot express; empty if it can express all. */
    List<String> obstacles(GptConfig config);

    /** What config.json says of the architecture, without Inkling's own section. Only where there are no {@link #obstacles}. */
    ObjectNode write(GptConfig config);

    /** Every tensor of a directory that a program which knows the family looks for, in the order of writing. */
    List<Stored> tensors(GptConfig config);

    /** What may stand before the names, or be left away. */
    String prefix();

    /** What the family calls the unembedding; a copy of the embedding under this name lies in files of models that tie the two. */
    default String unembedding() {
        return "lm_head.weight";
    }

    /**
     * One tensor of the files.
     *
     * @param name as written
     * @param shape as stored
     * @param layout whether it is one of our parameters as it is, or made of parts of them
     * @param slices the parts of our parameters that it holds; with {@link Layout#SAME} one, the whole parameter
     */
    record Stored(String name, Shape shape, Layout layout, List<Slice> slices) {
        public Stored {
            slices = List.copyOf(slices);
        }

        /** The parameter itself. */
        public static Stored same(String name, Shape shape, String parameter) {
            return new Stored(name, shape, Layout.SAME, List.of(new Slice(parameter, 0, 0, shape.get(0))));
        }

        /** A vector of theirs (width): {@code width} numbers of one of ours, from {@code column} on. */
        public static Stored part(String name, String parameter, long column, long width) {
            return new Stored(name, new Shape(width), Layout.ROWS, List.of(new Slice(parameter, column, 0, width)));
        }

        /**
         * Their linear: its weight (out, in), whose rows are these pieces of our weights in this order, and its bias (out), made in the
         * same way, where ours have one.
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

        /** Those of our parameters that it holds a part of, or the whole of. */
        public Set<String> parameters() {
            return slices.stream().map(Slice::parameter).collect(Collectors.toSet());
        }
    }

    /** {@code width} outputs of a linear of ours, from {@code column} on. */
    record Piece(Weights linear, long column, long width) {}

    /**
     * A part of one of our parameters: {@code width} columns (numbers, of a vector), from {@code column} on.
     *
     * @param row the first of the {@code width} rows of their tensor that hold it
     */
    record Slice(String parameter, long column, long row, long width) {}

    /** {@link #SAME} as we keep it; {@link #ROWS}: a row of theirs is a column of ours, or a number of a vector of ours. */
    enum Layout { SAME, ROWS }
}
