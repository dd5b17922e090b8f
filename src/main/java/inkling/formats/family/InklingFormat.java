package inkling.formats.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.GptConfigJson;
import inkling.io.json.JsonFields;
import inkling.model.GptLayout;
import inkling.model.config.GptConfig;
import java.util.List;

/**
 * Our own format, which can express every architecture: config.json's {@code "inkling"} section, and the parameters under GPT-2's names.
 */
public record InklingFormat() implements ModelFormat {
    static final String MODEL_TYPE = "inkling";

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public GptConfig read(JsonFields config) {
        return GptConfigJson.read(config.requireObject(GptConfigJson.SECTION));
    }

    @Override
    public List<String> obstacles(GptConfig config) {
        return List.of();
    }

    @Override
    public ObjectNode write(GptConfig config) {
        return JsonNodeFactory.instance.objectNode().put("model_type", MODEL_TYPE);
    }

    @Override
    public List<Stored> tensors(GptConfig config) {
        return Gpt2Format.stored(GptLayout.of(config));
    }

    @Override
    public String prefix() {
        return Gpt2Format.PREFIX;
    }

    @Override
    public String unembedding() {
        return Gpt2Format.UNEMBEDDING;
    }
}
