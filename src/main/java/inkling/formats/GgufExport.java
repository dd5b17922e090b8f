package inkling.formats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.HuggingFaceExport.Beside;
import inkling.formats.family.GenerationSettings;
import inkling.formats.family.ModelFormat;
import inkling.formats.family.ModelFormat.Stored;
import inkling.formats.gguf.GgufArchitecture;
import inkling.formats.gguf.GgufConfig;
import inkling.formats.gguf.GgufSettings;
import inkling.formats.keys.GptConfigJson;
import inkling.formats.tensors.Tensors;
import inkling.io.DurableFiles;
import inkling.io.gguf.GgufType;
import inkling.io.gguf.GgufValue;
import inkling.io.gguf.GgufWriter;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.gguf.GgufKeys;
import inkling.tokenizer.gguf.GgufVocabulary;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Writes a model as one GGUF file, for llama.cpp and the programs that contain llama.cpp. Beside the file it writes a Modelfile, for
 * Ollama.
 */
public final class GgufExport {
    /** The version of the quantized formats, such as Q8_0: the one that gguf-py and llama.cpp use. */
    private static final int QUANTIZATION_VERSION = 2;

    private GgufExport() {}

    /**
     * What was written.
     *
     * @param architecture the architecture's name in llama.cpp
     * @param modelfile the path of the Modelfile, for {@code ollama create}
     * @param remarks for the user: what llama.cpp does differently from Inkling when it computes the model or splits text
     */
    public record Written(String architecture, Path modelfile, List<String> remarks) {}

    /** The family whose config.json the file carries, and the keys and tensors that llama.cpp reads. */
    private record Form(ModelFormat family, GgufSettings settings) {}

    /**
     * Writes {@code to} and its Modelfile; nothing is overwritten.
     *
     * @param type the type of the matrices. A matrix whose rows do not fit this type is F16; vectors, norms and position embeddings are F32
     * @throws ConfigException if one of the two files exists already, or the model has adapters
     * @throws ModelFormatException if the model has no tokenizer, or GGUF cannot express the model or its tokenizer
     */
    public static Written write(Gpt gpt, Beside beside, Path to, GgufType type) {
        if (gpt.lora().isPresent()) {
            throw new ConfigException("This model has adapters. `merge MODEL --to DIR` writes it with full weights; then export DIR.");
        }
        Path modelfile = Modelfile.beside(to);
        HuggingFaceExport.requireNew(to);
        HuggingFaceExport.requireNew(modelfile);
        Tokenizer tokenizer = beside.tokenizer().orElseThrow(() -> new ModelFormatException("This model has no tokenizer, and programs that"
            + " read GGUF need the tokens. Give a tokenizer with --tokenizer PATH."));
        Form form = form(gpt.config(), beside.generation());
        SpecialIds special = beside.generation().special(Optional.of(tokenizer));
        GgufVocabulary vocabulary = GgufVocabulary.of(tokenizer, TokenizerFiles.json(tokenizer), special, padding(beside.generation()),
            gpt.config().vocabSize());
        Map<String, GgufValue> keys = new LinkedHashMap<>(general(form, name(to) + (vocabulary.likePhi3() ? " (phi-3)" : ""), type));
        keys.putAll(form.settings.keys());
        keys.putAll(vocabulary.keys());
        Optional<String> template = beside.template().flatMap(ChatTemplate::text);
        template.ifPresent(text -> keys.put(GgufKeys.TEMPLATE, GgufValue.text(text)));
        keys.put(GgufConfig.OWN, GgufValue.text(config(gpt.config(), beside.generation(), form.family).toString()));
        DurableFiles.SYSTEM.createDirectories(to.toAbsolutePath().getParent());
        DurableFiles.SYSTEM.write(to, GgufWriter.content(keys, tensors(gpt, form.settings, type)));
        DurableFiles.SYSTEM.write(modelfile, Modelfile.bytes(to, gpt.config(), tokenizer, special, template));
        List<String> remarks = new ArrayList<>(vocabulary.remarks());
        form.settings.remark().ifPresent(remarks::add);
        return new Written(form.settings.architecture().word(), modelfile, remarks);
    }

    /**
     * The first family that can express the model and in which llama.cpp can compute it. The family that the model came from is tried
     * first.
     */
    private static Form form(GptConfig config, GenerationSettings generation) {
        List<ModelFormat> families = Stream.concat(HuggingFaceExport.format(config, generation).stream(),
            HuggingFaceExport.families().filter(family -> family.obstacles(config).isEmpty())).distinct().toList();
        List<Form> forms = families.stream().flatMap(family -> GgufArchitecture.of(family).stream()
            .map(architecture -> new Form(family, new GgufSettings(architecture, config)))).toList();
        Form first = forms.stream().findFirst().orElseThrow(() -> HuggingFaceExport.noFamily(config));
        return forms.stream().filter(form -> form.settings.obstacles().isEmpty()).findFirst().orElseThrow(() -> new ModelFormatException(
            "This architecture has no GGUF form: llama.cpp's %s cannot compute %s. `export MODEL --to DIR` writes it for Transformers."
                .formatted(first.settings.architecture().word(), String.join(", ", first.settings.obstacles().stream()
                    .map(option -> HuggingFaceExport.said(option, config)).toList()))));
    }

    private static OptionalInt padding(GenerationSettings generation) {
        JsonNode id = generation.ids().get("pad_token_id");
        return id != null && id.isInt() && id.intValue() >= 0 ? OptionalInt.of(id.intValue()) : OptionalInt.empty();
    }

    private static Map<String, GgufValue> general(Form form, String name, GgufType type) {
        Map<String, GgufValue> keys = new LinkedHashMap<>();
        keys.put("general.architecture", GgufValue.text(form.settings.architecture().word()));
        keys.put("general.type", GgufValue.text("model"));
        keys.put("general.name", GgufValue.text(name));
        keys.put("general.file_type", GgufValue.count(type.fileType()));
        keys.put("general.quantization_version", GgufValue.count(QUANTIZATION_VERSION));
        return keys;
    }

    /**
     * The file's name without its ending, as the value of general.name. llama.cpp searches that value for the names of some models. If
     * llama.cpp finds one, it expects the tokens of that model, so such names are changed here.
     */
    private static String name(Path to) {
        String file = to.getFileName().toString();
        String stem = file.contains(".") ? file.substring(0, file.lastIndexOf('.')) : file;
        return stem.replaceAll("(?i)phi-?3", "phi_3").replaceAll("(?i)jina", "jina_").replaceAll("(?i)modern-?bert", "modern_bert");
    }

    private static ObjectNode config(GptConfig config, GenerationSettings generation, ModelFormat family) {
        ObjectNode json = generation.config(config, family);
        json.set(GptConfigJson.SECTION, GptConfigJson.write(config));
        return json;
    }

    private static List<GgufWriter.Entry> tensors(Gpt gpt, GgufSettings settings, GgufType type) {
        List<GgufWriter.Entry> entries = new ArrayList<>();
        for (Stored stored : settings.architecture().tensors(gpt.config())) {
            List<Long> shape = GgufArchitecture.shape(stored, gpt.config());
            float added = stored.name().endsWith("norm.weight") ? settings.architecture().addedToGains() : 0;
            entries.add(new GgufWriter.Entry(stored.name(), type(stored, shape, type), shape, added,
                Tensors.entry(stored, gpt.parameters()).content()));
        }
        entries.addAll(settings.ropeTensors());
        return entries;
    }

    /**
     * The type of a tensor in the file: {@code asked}, with two exceptions. Vectors, norms and position embeddings are F32, because they
     * are small and sensitive to rounding. A matrix whose rows cannot be divided into the blocks of {@code asked} is F16.
     */
    private static GgufType type(Stored stored, List<Long> shape, GgufType asked) {
        boolean vector = shape.size() == 1 || stored.name().endsWith("norm.weight") || stored.name().equals("position_embd.weight");
        return vector ? GgufType.F32 : asked.fits(shape.get(shape.size() - 1)) ? asked : GgufType.F16;
    }
}
