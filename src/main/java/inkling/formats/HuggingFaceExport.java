package inkling.formats;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.family.GenerationSettings;
import inkling.formats.family.InklingFormat;
import inkling.formats.family.ModelFormat;
import inkling.formats.keys.GptConfigJson;
import inkling.formats.peft.PeftAdapter;
import inkling.formats.peft.PeftExport;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes a model as a directory that Transformers loads ({@code AutoModelForCausalLM.from_pretrained(directory)}).
 * {@link #writeAdapter} writes a model's adapters alone, as a directory that PEFT loads. {@link #writeAny} may write a directory that
 * only Inkling loads.
 */
public final class HuggingFaceExport {
    private HuggingFaceExport() {}

    /**
     * What an export writes beside the weights.
     *
     * @param tokenizer empty if the model has none
     * @param generation which ids begin and end a text, and settings for sampling
     * @param template how the model writes conversations
     */
    public record Beside(Optional<Tokenizer> tokenizer, GenerationSettings generation, Optional<ChatTemplate> template) {}

    /**
     * Writes {@code to}, whole or not at all; missing parent directories are made.
     *
     * @return the {@code model_type} written: the family that the model came from if it can express the architecture, else the first
     *     family that can
     * @throws ConfigException if {@code to} exists, or the model has adapters
     * @throws ModelFormatException if no family can express the architecture; names the options that the nearest family cannot express
     */
    public static String write(Gpt gpt, Beside beside, Path to) {
        if (gpt.lora().isPresent()) {
            throw new ConfigException("This model has adapters, which a plain model directory cannot hold. `merge MODEL --to DIR` writes it"
                + " with full weights.");
        }
        requireNew(to);
        return write(gpt, beside, to, format(gpt.config(), beside.generation).orElseThrow(() -> noFamily(gpt.config())));
    }

    /** As {@link #write}, but in our own format if no family can express the architecture. The model must have no adapters. */
    public static String writeAny(Gpt gpt, Beside beside, Path to) {
        requireNew(to);
        return write(gpt, beside, to, format(gpt.config(), beside.generation).orElseGet(InklingFormat::new));
    }

    /** What {@link #writeAdapter} wrote: the base model's family, and the folder or name of the base in adapter_config.json. */
    public record Adapter(String family, String base) {}

    /**
     * Writes the adapters of a model alone, as PEFT lays them out, and the chat template if it is a file of its own.
     *
     * @param directory the directory from which the model was read
     * @throws ConfigException if the model has no adapters, or {@code to} exists
     * @throws ModelFormatException if no family can express the architecture; names the options that the nearest family cannot express
     */
    public static Adapter writeAdapter(Gpt gpt, Beside beside, Path directory, Path to) {
        if (gpt.lora().isEmpty()) {
            throw new ConfigException("This model has no adapters; its weights are full. `export MODEL --to DIR` writes them.");
        }
        requireNew(to);
        ModelFormat family = format(gpt.config(), beside.generation).orElseThrow(() -> noFamily(gpt.config()));
        String base = PeftAdapter.baseName(directory);
        Path folder = Stream.of(directory.resolve(base), Path.of(base)).filter(ModelDirectory::isComplete).findFirst()
            .map(path -> path.toAbsolutePath().normalize()).orElse(Path.of(base));
        Map<String, Content> files = new LinkedHashMap<>(PeftExport.content(gpt, family, folder.toString()));
        beside.template.ifPresent(chat -> files.putAll(chat.files()));
        DurableFiles.SYSTEM.createDirectories(to.toAbsolutePath().getParent());
        DurableFiles.SYSTEM.writeUnlistedDirectory(to, files);
        return new Adapter(family.modelType(), folder.toString());
    }

    static void requireNew(Path to) {
        if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
            throw new ConfigException("--to %s: exists already, and nothing is overwritten. Name a path that does not exist."
                .formatted(to));
        }
    }

    private static String write(Gpt gpt, Beside beside, Path to, ModelFormat format) {
        Map<String, Content> files = new LinkedHashMap<>(ModelDirectory.content(gpt, beside.generation, format));
        files.putAll(beside.generation.filesForOthers());
        beside.tokenizer.map(TokenizerFiles::files).orElse(Map.of()).forEach((name, bytes) -> files.put(name, Content.of(bytes)));
        beside.template.ifPresent(chat -> files.putAll(chat.files()));
        DurableFiles.SYSTEM.createDirectories(to.toAbsolutePath().getParent());
        DurableFiles.SYSTEM.writeUnlistedDirectory(to, files);
        return format.modelType();
    }

    /** The family that the model came from if it can express the architecture, else the first that can; empty if none can. */
    static Optional<ModelFormat> format(GptConfig config, GenerationSettings generation) {
        return generation.format().filter(own -> generation.canExpress(config, own))
            .or(() -> families().filter(family -> family.obstacles(config).isEmpty()).findFirst());
    }

    static Stream<ModelFormat> families() {
        return ModelFormat.ALL.stream().filter(format -> !(format instanceof InklingFormat));
    }

    static ModelFormatException noFamily(GptConfig config) {
        ModelFormat nearest = families().min(Comparator.comparingInt(family -> family.obstacles(config).size())).orElseThrow();
        return new ModelFormatException(("This architecture has no form that Transformers knows: the nearest, %s, cannot express %s. Train"
            + " with options that this form has, or keep the run directory.").formatted(nearest.modelType(),
                String.join(", ", nearest.obstacles(config).stream().map(option -> said(option, config)).toList())));
    }

    /** The option with its value, as in a run file. */
    static String said(String option, GptConfig config) {
        JsonNode value = GptConfigJson.write(config).path(option);
        return option + ": " + (value.isContainerNode() ? value.toString() : value.asText());
    }
}
