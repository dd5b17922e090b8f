package inkling.formats.peft;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ModelFormatException;
import inkling.formats.keys.KnownKeys;
import inkling.io.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;

/**
 * {@code adapter_config.json} as PEFT's {@code LoraConfig} writes it. Each key is read, known to be harmless, turned off by its value, or
 * refused by name.
 *
 * @param rank the rank of modules that {@code ranks} does not name
 * @param alpha the alpha of modules that {@code alphas} does not name
 * @param rootScaled whether an adapter's output is multiplied by alpha / √rank ({@code use_rslora}) instead of alpha / rank
 * @param targets the modules that have adapters
 * @param ranks {@code rank_pattern}
 * @param alphas {@code alpha_pattern}
 */
record PeftConfig(int rank, double alpha, double dropout, boolean rootScaled, PeftTargets targets, List<OfModules> ranks,
                  List<OfModules> alphas) {
    /**
     * A number for the modules whose dotted name, or its end after a dot, matches a regular expression. The first match in a list counts.
     */
    record OfModules(Predicate<String> named, double number) {}

    private static final int LARGEST_RANK_OR_ALPHA = 1 << 20;
    /** Initialisations that leave the base's weights as they are. Some others, such as pissa, change these weights. */
    private static final Set<String> HARMLESS_INITS = Set.of("gaussian", "eva", "orthogonal");
    private static final KnownKeys KEYS = new KnownKeys(Set.of("peft_type", "r", "lora_alpha", "lora_dropout", "use_rslora", "bias",
        "init_lora_weights", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "rank_pattern", "alpha_pattern"),
        Set.of("task_type", "auto_mapping", "base_model_name_or_path", "revision", "inference_mode", "peft_version", "fan_in_fan_out",
            "megatron_core", "qalora_group_size", "loftq_config", "eva_config", "corda_config", "runtime_config"));

    /** @throws ModelFormatException if a key or value is not supported; the message names the key */
    static PeftConfig read(JsonFields fields) {
        if (!fields.requireString("peft_type").equals("LORA")) {
            throw fields.fault("peft_type", "is not supported; LORA is.");
        }
        KEYS.check(fields);
        if (!fields.optionalString("bias").orElse("none").equals("none")) {
            throw fields.fault("bias", "is not supported; none is.");
        }
        JsonNode init = fields.node().path("init_lora_weights");
        if (fields.has("init_lora_weights") && !init.isBoolean() && !HARMLESS_INITS.contains(init.asText())) {
            throw fields.fault("init_lora_weights", "is not supported: the adapters may belong to a changed base. Save them as plain"
                + " LoRA (save_pretrained(…, path_initial_model_for_weight_conversion=…)), or merge them with PEFT.");
        }
        int rank = fields.requireInt("r");
        if (rank <= 0) {
            throw fields.fault("r", "must be positive.");
        }
        return new PeftConfig(rank, fields.requireDouble("lora_alpha"), fields.optionalDouble("lora_dropout").orElse(0),
            fields.optionalBoolean("use_rslora").orElse(false), PeftTargets.read(fields), pattern(fields, "rank_pattern"),
            pattern(fields, "alpha_pattern"));
    }

    private static List<OfModules> pattern(JsonFields fields, String key) {
        List<OfModules> numbers = new ArrayList<>();
        Optional<JsonFields> pattern = fields.optionalObject(key);
        for (String name : pattern.map(JsonFields::names).orElse(List.of())) {
            double number = key.equals("rank_pattern") ? pattern.get().requireInt(name) : pattern.get().requireDouble(name);
            if (!(number > 0) || number > LARGEST_RANK_OR_ALPHA) {
                throw pattern.get().fault(name, "must be a number from above 0 to %d.".formatted(LARGEST_RANK_OR_ALPHA));
            }
            try {
                numbers.add(new OfModules(PythonPattern.fullMatch("(?:.*\\.)?(?:" + name + ")"), number));
            } catch (PatternSyntaxException e) {
                throw pattern.get().fault(name, "has a name that is no usable regular expression: " + e.getDescription() + ".");
            }
        }
        return numbers;
    }

    /** The rank of a module's adapter. */
    int rank(String module) {
        return (int) number(ranks, module, rank);
    }

    /** The factor by which the output of a module's adapter is multiplied. */
    double scale(String module) {
        double divisor = rootScaled ? Math.sqrt(rank(module)) : rank(module);
        return number(alphas, module, alpha) / divisor;
    }

    private double number(List<OfModules> numbers, String module, double otherwise) {
        try {
            return numbers.stream().filter(one -> one.named.test(module)).mapToDouble(OfModules::number).findFirst().orElse(otherwise);
        } catch (PatternSyntaxException e) {
            throw targets.fields().fault("rank_pattern", "or alpha_pattern takes too long to match: " + e.getDescription() + ".");
        }
    }
}
