package inkling.formats.peft;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.family.InklingFormat;
import inkling.formats.family.ModelFormat;
import inkling.formats.family.TensorNames;
import inkling.formats.tensors.Tensors;
import inkling.io.Content;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Parameters;
import inkling.model.config.GptConfig;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Reads and writes adapters as files of Hugging Face's PEFT: {@code adapter_config.json} and {@code adapter_model.safetensors}. Tensors
 * that are written here have GPT-2's names, so {@code PeftModel.from_pretrained(base, directory)} loads them if the base is a GPT-2.
 * {@link PeftExport} writes the names of other families.
 */
public final class PeftAdapter {
    static final String CONFIG_FILE = "adapter_config.json";
    static final String WEIGHTS_FILE = "adapter_model.safetensors";
    private static final String BASE = "base_model_name_or_path";
    private static final String PREFIX = "base_model.model.transformer.";

    private PeftAdapter() {}

    /** Whether adapters lie in {@code directory}. */
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(CONFIG_FILE));
    }

    /** The files of a model's adapters; empty if the model has none. {@code base} is the name or folder of the base model. */
    public static Map<String, Content> content(Gpt gpt, String base) {
        if (gpt.lora().isEmpty()) {
            return Map.of();
        }
        Lora lora = gpt.lora().get();
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        lora.specs(gpt.config()).forEach(spec -> entries.add(Tensors.entry(PREFIX + spec.name(), gpt.parameters().get(spec.name()))));
        Map<String, Content> files = new LinkedHashMap<>();
        files.put(CONFIG_FILE, Content.of(StrictJson.bytes(json(lora.config(), base, lora.config().targets()))));
        files.put(WEIGHTS_FILE, SafetensorsWriter.content(entries, Map.of("format", "pt")));
        return files;
    }

    /** adapter_config.json; with {@code fan_in_fan_out}, because GPT-2's linear weights are (in, out). */
    static ObjectNode json(LoraConfig lora, String base, List<String> targets) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("peft_type", "LORA").put("task_type", "CAUSAL_LM")
            .put(BASE, base).put("r", lora.rank());
        if (lora.alpha() == Math.rint(lora.alpha()) && lora.alpha() < 1e9) {
            node.put("lora_alpha", (long) lora.alpha());
        } else {
            node.put("lora_alpha", lora.alpha());
        }
        node.put("lora_dropout", lora.dropout()).put("fan_in_fan_out", true).put("bias", "none").put("inference_mode", true);
        targets.forEach(node.putArray("target_modules")::add);
        node.putNull("modules_to_save");
        return node;
    }

    /** Adds the adapters in {@code directory} to {@code parameters}. The result is empty if there are none. */
    public static Optional<Lora> load(Path directory, GptConfig model, ModelFormat format, Parameters parameters) {
        if (!isIn(directory)) {
            return Optional.empty();
        }
        PeftConfig config = PeftConfig.read(JsonFields.read(directory.resolve(CONFIG_FILE)));
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(WEIGHTS_FILE))) {
            return Optional.of(PeftWeights.read(file, config, model, named(file, format), parameters));
        }
    }

    /**
     * The format whose names the tensors have. Adapters in a checkpoint of Inkling have GPT-2's names, even if their base has another
     * family; for these the format is our own.
     */
    private static ModelFormat named(SafetensorsFile file, ModelFormat base) {
        ModelFormat own = new InklingFormat();
        boolean ours = !base.prefix().equals(own.prefix())
            && file.tensors().keySet().stream().allMatch(name -> TensorNames.unwrapped(name).startsWith(own.prefix()));
        return ours ? own : base;
    }

    /** The base as adapter_config.json in {@code directory} names it; "" if it names none, or there are no adapters. */
    public static String baseName(Path directory) {
        return isIn(directory) ? JsonFields.read(directory.resolve(CONFIG_FILE)).optionalString(BASE).orElse("") : "";
    }

    /**
     * The folder or GGUF file of the base. adapter_config.json in {@code directory} names it: by an absolute path, or by one that is
     * relative to that directory or to the current one.
     *
     * @param hasModel whether a folder or file has a whole model
     * @throws inkling.errors.ModelFormatException if there is no such base, or the base has adapters of its own
     */
    public static Path base(Path directory, Predicate<Path> hasModel) {
        JsonFields fields = JsonFields.read(directory.resolve(CONFIG_FILE));
        String name = fields.optionalString(BASE).orElse("");
        Path base = Stream.of(directory, Path.of("")).flatMap(folder -> resolved(folder, name).stream())
            .filter(hasModel).findFirst()
            .orElseThrow(() -> fields.fault(BASE, ("is no folder with a base model, relative to %s or to the current directory. Get the"
                + " base model and write its folder in this key, or put its files beside the adapter's.").formatted(directory)));
        if (isIn(base)) {
            throw fields.fault(BASE, "has adapters of its own (%s). Merge them first: `merge %s --to DIR`.".formatted(CONFIG_FILE, base));
        }
        return base;
    }

    private static Optional<Path> resolved(Path directory, String name) {
        try {
            return name.isBlank() ? Optional.empty() : Optional.of(directory.resolve(name).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
