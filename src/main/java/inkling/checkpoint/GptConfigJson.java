package inkling.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.ConfigException;
import inkling.io.JsonFields;
import inkling.io.ModelFormatException;
import inkling.model.Activation;
import inkling.model.GptConfig;
import inkling.model.Norm;
import inkling.model.Positions;
import inkling.model.RopeConfig;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The {@code "inkling"} object of config.json: the run file's model section, every value resolved, plus {@code vocab_size}. */
final class GptConfigJson {
    static final String SECTION = "inkling";
    private static final Set<String> KEYS = Set.of("vocab_size", "n_layer", "n_head", "n_kv_head", "n_embd", "n_inner", "context_length",
        "dropout", "bias", "tie_embeddings", "positions", "rope", "norm", "norm_eps", "activation");

    private GptConfigJson() {}

    static ObjectNode write(GptConfig config) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("vocab_size", config.vocabSize());
        node.put("n_layer", config.nLayer());
        node.put("n_head", config.nHead());
        node.put("n_kv_head", config.nKvHead());
        node.put("n_embd", config.nEmbd());
        node.put("n_inner", config.nInner());
        node.put("context_length", config.contextLength());
        node.put("dropout", config.dropout());
        node.put("bias", config.bias());
        node.put("tie_embeddings", config.tieEmbeddings());
        node.put("positions", lower(config.positions()));
        ObjectNode rope = node.putObject("rope");
        rope.put("theta", config.rope().theta());
        config.rope().scaling().ifPresentOrElse(s -> rope.putObject("scaling").put("type", "llama3").put("factor", s.factor())
            .put("low_freq_factor", s.lowFreqFactor()).put("high_freq_factor", s.highFreqFactor())
            .put("original_context_length", s.originalContextLength()), () -> rope.putNull("scaling"));
        node.put("norm", lower(config.norm()));
        node.put("norm_eps", config.normEps());
        node.put("activation", lower(config.activation()));
        return node;
    }

    static GptConfig read(JsonFields fields) {
        fields.rejectUnknown(KEYS);
        try {
            return new GptConfig(fields.requireInt("vocab_size"), fields.requireInt("n_layer"), fields.requireInt("n_head"),
                fields.requireInt("n_kv_head"), fields.requireInt("n_embd"), fields.requireInt("n_inner"),
                fields.requireInt("context_length"), fields.requireDouble("dropout"), fields.requireBoolean("bias"),
                fields.requireBoolean("tie_embeddings"), constant(fields, "positions", Positions.class),
                rope(fields.requireObject("rope")), constant(fields, "norm", Norm.class), fields.requireDouble("norm_eps"),
                constant(fields, "activation", Activation.class));
        } catch (ConfigException e) {
            throw new ModelFormatException(fields.source() + ": inkling: " + e.getMessage(), e);
        }
    }

    private static RopeConfig rope(JsonFields fields) {
        fields.rejectUnknown(Set.of("theta", "scaling"));
        return new RopeConfig(fields.requireDouble("theta"), fields.optionalObject("scaling").map(GptConfigJson::scaling));
    }

    private static RopeConfig.Llama3Scaling scaling(JsonFields fields) {
        fields.rejectUnknown(Set.of("type", "factor", "low_freq_factor", "high_freq_factor", "original_context_length"));
        if (!fields.requireString("type").equals("llama3")) {
            throw fields.fault("type", "is not llama3, the only kind of scaling there is.");
        }
        return new RopeConfig.Llama3Scaling(fields.requireDouble("factor"), fields.requireDouble("low_freq_factor"),
            fields.requireDouble("high_freq_factor"), fields.requireInt("original_context_length"));
    }

    private static <E extends Enum<E>> E constant(JsonFields fields, String field, Class<E> type) {
        String name = fields.requireString(field);
        Optional<E> found = Arrays.stream(type.getEnumConstants()).filter(c -> lower(c).equals(name)).findFirst();
        return found.orElseThrow(() -> fields.fault(field, "is none of "
            + String.join(", ", Arrays.stream(type.getEnumConstants()).map(GptConfigJson::lower).toList()) + "."));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
