package inkling.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.JsonFields;
import inkling.model.GptConfig;
import inkling.model.GptWeights;
import java.util.List;

/** Our own, for what no other family can say: the {@code "inkling"} section alone, GPT-2's names, every parameter as it is. */
record InklingFormat() implements ModelFormat {
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
    public ObjectNode write(GptConfig config, SpecialIds ids) {
        return ids.into(JsonNodeFactory.instance.objectNode().put("model_type", MODEL_TYPE));
    }

    @Override
    public List<Stored> tensors(GptConfig config) {
        return GptWeights.shapes(config).entrySet().stream().map(e -> Stored.same(
            e.getKey().startsWith("lm_head.") ? e.getKey() : prefix() + e.getKey(), e.getValue(), e.getKey())).toList();
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public boolean isBuffer(String name) {
        return false;
    }
}
