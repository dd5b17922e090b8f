package inkling.formats;

import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.family.GenerationSettings;
import inkling.formats.family.GptConfigJson;
import inkling.formats.family.InklingFormat;
import inkling.formats.family.ModelFormat;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model as a directory that Transformers loads as it is: {@code AutoModelForCausalLM.from_pretrained(directory)}. */
public final class HuggingFaceExport {
    private HuggingFaceExport() {}

    /**
     * What goes along with the weights, each as it came.
     *
     * @param generation beginning, ends and settings, for those who generate
     * @param template how the model writes conversations
     */
    public record Beside(Optional<Tokenizer> tokenizer, GenerationSettings generation, Optional<ChatTemplate> template) {}

    /**
     * Writes {@code to}, all of it or nothing; missing parents are made.
     *
     * @param beside what goes along with the weights
     * @return its {@code model_type}: gpt2 or llama
     * @throws ConfigException if {@code to} exists
     * @throws ModelFormatException naming the options that neither GPT-2 nor Llama can say
     */
    public static String write(Gpt gpt, Beside beside, Path to) {
        if (gpt.lora().isPresent()) {
            throw new ConfigException("This model has adapters, which a plain model directory cannot hold. `merge MODEL --to DIR` writes it"
                + " with full weights.");
        }
        requireNew(to);
        return write(gpt, beside, to, format(gpt.config()));
    }

    /** As {@link #write}, in our own form where no family can say the architecture. */
    public static String writeAny(Gpt gpt, Beside beside, Path to) {
        requireNew(to);
        return write(gpt, beside, to,
            ModelFormat.ALL.stream().filter(format -> format.obstacles(gpt.config()).isEmpty()).findFirst().orElseThrow());
    }

    private static void requireNew(Path to) {
        if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
            throw new ConfigException("--to %s: exists already, and nothing is overwritten. Name a directory that is not there."
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

    private static ModelFormat format(GptConfig config) {
        List<ModelFormat> foreign = ModelFormat.ALL.stream().filter(f -> !(f instanceof InklingFormat)).toList();
        return foreign.stream().filter(f -> f.obstacles(config).isEmpty()).findFirst().orElseThrow(() -> new ModelFormatException(
            "This architecture has no form that Transformers knows: %s. Train with options that one of them has, or keep the run directory."
                .formatted(String.join("; ", foreign.stream().map(f -> "%s cannot express %s".formatted(f.modelType(),
                    String.join(", ", f.obstacles(config).stream().map(option -> said(option, config)).toList()))).toList()))));
    }

    /** The option with its value, as in a run file. */
    private static String said(String option, GptConfig config) {
        return option + ": " + GptConfigJson.write(config).path(option).asText();
    }
}
