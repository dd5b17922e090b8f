package inkling.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.engine.Devices;
import inkling.formats.HuggingFaceExport;
import inkling.formats.family.GenerationSettings;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Random small models as other programs write them, without Inkling's own section in config.json. The vocabulary is 256 bytes and, behind
 * them, marks (special tokens). A test adds keys and further files.
 */
final class ForeignModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final GptOptions LLAMA = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(16).nInner(24).contextLength(32).bias(false)
        .positions(Positions.ROPE).norm(Norm.RMS_NORM).activation(Activation.SWIGLU));
    static final GptOptions GPT2 = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(16).nInner(24).contextLength(32));

    private final Path directory;

    private ForeignModel(Path directory) {
        this.directory = directory;
    }

    /** Writes weights and config.json alone; no key names the token that begins or ends a text. */
    static ForeignModel write(Path directory, GptOptions options, int vocabSize) throws IOException {
        GptConfig config = options.over(vocabSize);
        try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(config, manager, 1)) {
            HuggingFaceExport.write(gpt, new HuggingFaceExport.Beside(Optional.empty(), GenerationSettings.of(SpecialIds.NONE),
                Optional.empty()), directory);
        }
        Files.delete(directory.resolve("generation_config.json"));
        ForeignModel model = new ForeignModel(directory);
        ObjectNode json = model.read("config.json");
        json.remove("inkling");
        json.remove("bos_token_id");
        json.remove("eos_token_id");
        return model.with("config.json", json.toString());
    }

    /** Writes a file beside the weights. */
    ForeignModel with(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
        return this;
    }

    /** Sets a key of config.json. */
    ForeignModel configured(String key, String value) throws IOException {
        ObjectNode json = read("config.json");
        json.set(key, JSON.readTree(value));
        return with("config.json", json.toString());
    }

    /**
     * Writes tokenizer.json: the bytes, and {@code marks} from id 256 on. The tokenizer puts the marks of {@code beginning} before every
     * text.
     */
    ForeignModel tokenizer(String[] marks, String... beginning) throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(TokenizerFiles.json(new BpeTrainer(257).add("a").train()));
        ObjectNode vocab = (ObjectNode) json.at("/model/vocab");
        vocab.remove("<|endoftext|>");
        ArrayNode added = json.putArray("added_tokens");
        for (int i = 0; i < marks.length; i++) {
            added.addObject().put("id", 256 + i).put("content", marks[i]).put("special", true);
        }
        if (beginning.length > 0) {
            json.set("post_processor", template(marks, beginning));
        }
        return with("tokenizer.json", json.toString());
    }

    private static ObjectNode template(String[] marks, String... beginning) {
        ObjectNode template = JSON.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        ObjectNode special = template.putObject("special_tokens");
        for (String mark : beginning) {
            single.addObject().putObject("SpecialToken").put("id", mark).put("type_id", 0);
            special.putObject(mark).put("id", mark).putArray("ids").add(256 + java.util.List.of(marks).indexOf(mark));
        }
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        return template;
    }

    /** Writes vocab.json and merges.txt in place of tokenizer.json: the bytes, and {@code more} behind them. */
    ForeignModel pair(String... more) throws IOException {
        Map<String, byte[]> files = TokenizerFiles.files(new BpeTrainer(257).add("a").train());
        ObjectNode vocab = (ObjectNode) JSON.readTree(files.get("vocab.json"));
        vocab.remove("<|endoftext|>");
        for (String token : more) {
            vocab.put(token, vocab.size());
        }
        return with("vocab.json", vocab.toString()).with("merges.txt", "#version: 0.2\n");
    }

    ObjectNode read(String name) throws IOException {
        return read(directory, name);
    }

    static ObjectNode read(Path directory, String name) throws IOException {
        return (ObjectNode) JSON.readTree(directory.resolve(name).toFile());
    }
}
