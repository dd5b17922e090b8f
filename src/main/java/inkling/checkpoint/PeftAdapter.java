package inkling.checkpoint;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.ConfigException;
import inkling.io.Content;
import inkling.io.JsonFields;
import inkling.io.ModelFormatException;
import inkling.io.SafetensorsFile;
import inkling.io.SafetensorsWriter;
import inkling.io.StrictJson;
import inkling.model.Gpt;
import inkling.model.GptConfig;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Parameters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adapters in the files of Hugging Face's PEFT, beside the base model's: {@code adapter_config.json} and
 * {@code adapter_model.safetensors}. {@code PeftModel.from_pretrained(base, directory)} loads them where the base is a GPT-2.
 */
public final class PeftAdapter {
    private static final String CONFIG_FILE = "adapter_config.json";
    private static final String WEIGHTS_FILE = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.transformer.";

    private PeftAdapter() {}

    /** Whether adapters lie in {@code directory}. */
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(CONFIG_FILE));
    }

    /** The files of a model's adapters; none if it has none. {@code base} is what PEFT is told of the base model. */
    public static Map<String, Content> content(Gpt gpt, String base) {
        if (gpt.lora().isEmpty()) {
            return Map.of();
        }
        Lora lora = gpt.lora().get();
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        lora.specs(gpt.config()).forEach(spec -> entries.add(Tensors.entry(PREFIX + spec.name(), gpt.parameters().get(spec.name()))));
        Map<String, Content> files = new LinkedHashMap<>();
        files.put(CONFIG_FILE, Content.of(StrictJson.bytes(json(lora.config(), base))));
        files.put(WEIGHTS_FILE, SafetensorsWriter.content(entries, Map.of("format", "pt")));
        return files;
    }

    /** {@code fan_in_fan_out} because GPT-2's linear weights are (in, out). */
    private static ObjectNode json(LoraConfig lora, String base) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("peft_type", "LORA").put("task_type", "CAUSAL_LM")
            .put("base_model_name_or_path", base).put("r", lora.rank());
        if (lora.alpha() == Math.rint(lora.alpha()) && lora.alpha() < 1e9) {
            node.put("lora_alpha", (long) lora.alpha());
        } else {
            node.put("lora_alpha", lora.alpha());
        }
        node.put("lora_dropout", lora.dropout()).put("fan_in_fan_out", true).put("bias", "none").put("inference_mode", true);
        lora.targets().forEach(node.putArray("target_modules")::add);
        node.putNull("modules_to_save");
        return node;
    }

    /** Adds the adapters in {@code directory} to {@code parameters}; empty if there are none. */
    static Optional<Lora> load(Path directory, GptConfig model, Parameters parameters) {
        if (!isIn(directory)) {
            return Optional.empty();
        }
        Lora lora = new Lora(read(JsonFields.read(directory.resolve(CONFIG_FILE))));
        Map<String, Shape> shapes = shapes(directory, lora, model);
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(WEIGHTS_FILE))) {
            List<String> faults = new ArrayList<>();
            shapes.forEach((name, shape) -> {
                if (!file.tensors().containsKey(PREFIX + name)) {
                    faults.add("%s %s is missing".formatted(PREFIX + name, shape));
                } else if (!new Shape(file.tensor(PREFIX + name).shape()).equals(shape)) {
                    faults.add("%s is %s, expected %s".formatted(PREFIX + name, file.tensor(PREFIX + name).shapeText(), shape));
                }
            });
            file.tensors().keySet().stream()
                .filter(name -> !name.startsWith(PREFIX) || !shapes.containsKey(name.substring(PREFIX.length()))).forEach(name -> faults.add(name + " is not part of this adapter"));
            if (!faults.isEmpty()) {
                throw new ModelFormatException("%s: the adapters do not fit %s and the model:\n  %s".formatted(file.path(), CONFIG_FILE,
                    String.join("\n  ", faults)));
            }
            shapes.keySet().forEach(name -> parameters.put(name, Tensors.read(file, PREFIX + name, parameters.manager())));
        }
        return Optional.of(lora);
    }

    private static Map<String, Shape> shapes(Path directory, Lora lora, GptConfig model) {
        try {
            Map<String, Shape> shapes = new LinkedHashMap<>();
            lora.specs(model).forEach(spec -> shapes.put(spec.name(), spec.shape()));
            return shapes;
        } catch (ConfigException e) {
            throw new ModelFormatException("%s: %s".formatted(directory.resolve(CONFIG_FILE), e.getMessage()), e);
        }
    }

    private static LoraConfig read(JsonFields fields) {
        if (!fields.requireString("peft_type").equals("LORA")) {
            throw fields.fault("peft_type", "is not supported; LORA is.");
        }
        for (String unsupported : List.of("use_dora", "use_rslora")) {
            if (fields.optionalBoolean(unsupported).orElse(false)) {
                throw fields.fault(unsupported, "is not supported; it must be false.");
            }
        }
        for (String unsupported : List.of("rank_pattern", "alpha_pattern", "modules_to_save", "layers_to_transform")) {
            JsonNode node = fields.node().path(unsupported);
            if (!node.isMissingNode() && !node.isNull() && !(node.isContainerNode() && node.isEmpty())) {
                throw fields.fault(unsupported, "is not supported; it must be null.");
            }
        }
        if (!fields.optionalString("bias").orElse("none").equals("none")) {
            throw fields.fault("bias", "is not supported; none is.");
        }
        try {
            return new LoraConfig(fields.requireInt("r"), fields.requireDouble("lora_alpha"),
                fields.optionalDouble("lora_dropout").orElse(0), fields.requireStrings("target_modules"));
        } catch (ConfigException e) {
            throw new ModelFormatException(fields.source() + ": " + e.getMessage(), e);
        }
    }
}
