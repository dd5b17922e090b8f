package inkling.formats.peft;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ModelFormatException;
import inkling.formats.keys.KnownKeys;
import inkling.io.json.JsonFields;
import java.util.Set;

/**
 * {@code adapter_config.json} of PEFT's {@code LoraConfig}: each key is read here, changes nothing, or is refused by name.
 *
 * @param alpha the adapter counts alpha / rank; with {@code use_rslora}, where it counts lora_alpha / √r, it is lora_alpha · √r
 * @param targets what {@code target_modules} and its companions choose
 */
record PeftConfig(int rank, double alpha, double dropout, PeftTargets targets) {
    /** How training began; the other ways, pissa and its like, take parts out of the base's weights. */
    private static final Set<String> HARMLESS_BEGINNINGS = Set.of("gaussian", "eva", "orthogonal");
    private static final KnownKeys KEYS = new KnownKeys(Set.of("peft_type", "r", "lora_alpha", "lora_dropout", "use_rslora", "bias",
        "init_lora_weights", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern"),
        Set.of("task_type", "auto_mapping", "base_model_name_or_path", "revision", "inference_mode", "peft_version", "fan_in_fan_out",
            "megatron_core", "qalora_group_size", "loftq_config", "eva_config", "corda_config", "runtime_config"));

    /** @throws ModelFormatException naming what is not supported */
    static PeftConfig read(JsonFields fields) {
        if (!fields.requireString("peft_type").equals("LORA")) {
            throw fields.fault("peft_type", "is not supported; LORA is.");
        }
        KEYS.check(fields);
        if (!fields.optionalString("bias").orElse("none").equals("none")) {
            throw fields.fault("bias", "is not supported; none is.");
        }
        JsonNode beginning = fields.node().path("init_lora_weights");
        if (fields.has("init_lora_weights") && !beginning.isBoolean() && !HARMLESS_BEGINNINGS.contains(beginning.asText())) {
            throw fields.fault("init_lora_weights", "is not supported: the adapters may belong to a changed base. Save them as plain"
                + " LoRA (save_pretrained(…, path_initial_model_for_weight_conversion=…)), or merge them with PEFT.");
        }
        int rank = fields.requireInt("r");
        if (rank <= 0) {
            throw fields.fault("r", "must be positive.");
        }
        double scale = fields.optionalBoolean("use_rslora").orElse(false) ? Math.sqrt(rank) : 1;
        return new PeftConfig(rank, fields.requireDouble("lora_alpha") * scale, fields.optionalDouble("lora_dropout").orElse(0),
            PeftTargets.read(fields));
    }
}
