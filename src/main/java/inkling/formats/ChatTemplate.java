package inkling.formats;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.io.Content;
import inkling.io.gguf.GgufFile;
import inkling.io.json.JsonFields;
import inkling.io.text.TextFiles;
import inkling.tokenizer.gguf.GgufKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A model's {@code chat_template}: a text in Jinja that turns a conversation into the model's prompt. Newer versions of Transformers write
 * it to chat_template.jinja, older ones to a field of tokenizer_config.json. A GGUF file has it under a key.
 *
 * @param file the content of chat_template.jinja; empty if the model has no such file
 * @param text the template; empty if the model has none
 */
public record ChatTemplate(Optional<String> file, Optional<String> text) {
    private static final String FILE = "chat_template.jinja";

    /** A template that is written to chat_template.jinja. */
    public static ChatTemplate of(String text) {
        return new ChatTemplate(Optional.of(text), Optional.of(text));
    }

    /**
     * Reads the template of a model directory or a GGUF file. The text is read at once, since the directory may be gone when the
     * template is written.
     *
     * @throws inkling.errors.ModelFormatException if the file that holds the template is damaged
     */
    public static ChatTemplate read(Path directory) {
        if (GgufFile.isAt(directory)) {
            try (GgufFile gguf = GgufFile.open(directory)) {
                return new ChatTemplate(Optional.empty(), gguf.metadata().text(GgufKeys.TEMPLATE));
            }
        }
        Path file = directory.resolve(FILE);
        Optional<String> own = Files.exists(file) ? Optional.of(TextFiles.readPart(file)) : Optional.empty();
        return new ChatTemplate(own, own.or(() -> field(directory)));
    }

    /** chat_template.jinja, to be written beside the weights. A template in tokenizer_config.json is written with the tokenizer. */
    public Map<String, Content> files() {
        return file.map(content -> Map.of(FILE, Content.of(content.getBytes(StandardCharsets.UTF_8)))).orElse(Map.of());
    }

    /** The template in tokenizer_config.json; if that has several, the one named default. Empty if there is no such template. */
    private static Optional<String> field(Path directory) {
        Path settings = directory.resolve("tokenizer_config.json");
        if (!Files.exists(settings)) {
            return Optional.empty();
        }
        JsonNode template = JsonFields.read(settings).node().path("chat_template");
        for (JsonNode entry : template) {
            if (entry.path("name").asText().equals("default") && entry.path("template").isTextual()) {
                return Optional.of(entry.path("template").textValue());
            }
        }
        return template.isTextual() ? Optional.of(template.textValue()) : Optional.empty();
    }
}
