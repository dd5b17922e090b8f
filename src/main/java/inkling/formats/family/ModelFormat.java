package inkling.formats.family;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import java.util.List;

/** One family of model directories: what its config.json says, and how its tensors become our parameters. Reading and writing share it. */
public sealed interface ModelFormat permits Gpt2Format, LlamaFormat, InklingFormat {
    /** In the order in which an architecture to be written is offered to them; the last can say every one. */
    List<ModelFormat> ALL = List.of(new Gpt2Format(), new LlamaFormat(), new InklingFormat());

    /** {@code model_type} in config.json. */
    String modelType();

    /** The architecture. @throws inkling.errors.ModelFormatException naming each option that is not supported */
    GptConfig read(JsonFields config);

    /** The options, named as in a run file, that this family cannot say; empty if it can say all. */
    List<String> obstacles(GptConfig config);

    /** config.json without Inkling's own section. Only where there are no {@link #obstacles}. */
    ObjectNode write(GptConfig config, GenerationSettings generation);

    /** Every tensor of a directory that a program which knows the family looks for, in the order of writing. */
    List<Stored> tensors(GptConfig config);

    /** What may stand before the names, or be left away. */
    String prefix();

    /**
     * One tensor of the files.
     *
     * @param name as written
     * @param shape as stored
     * @param parameter ours; one that the architecture lacks is exported as zeros and dropped on load (GPT-2 always has biases)
     * @param layout how the two relate
     * @param column where a {@link Layout#TRANSPOSED} one begins in the parameter
     */
    record Stored(String name, Shape shape, String parameter, Layout layout, long column) {
        /** The parameter itself. */
        static Stored same(String name, Shape shape, String parameter) {
            return new Stored(name, shape, parameter, Layout.SAME, 0);
        }

        /** (out, in), columns {@code column} … of a parameter (in, ≥ column + out). */
        static Stored transposed(String name, long out, long in, String parameter, long column) {
            return new Stored(name, new Shape(out, in), parameter, Layout.TRANSPOSED, column);
        }
    }

    /** {@link #SAME} as we keep it; {@link #TRANSPOSED} as (out, in), some of the columns of ours. */
    enum Layout { SAME, TRANSPOSED }
}
