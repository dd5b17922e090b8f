package inkling.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.io.Content;
import inkling.io.JsonFields;
import inkling.io.TextFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A model's {@code chat_template}: a file of its own, as newer versions of Transformers write it, or a field of tokenizer_config.json. */
public record ChatTemplate(Path directory) {
    private static final String FILE = "chat_template.jinja";

    /** The template; empty if the model has none. */
    public Optional<String> text() {
        return ownFile().or(this::field);
    }

    /** The file of its own, to be copied along; the field travels with the tokenizer. */
    public Map<String, Content> files() {
        return ownFile().map(text -> Map.of(FILE, Content.of(text.getBytes(StandardCharsets.UTF_8)))).orElse(Map.of());
    }

    private Optional<String> ownFile() {
        Path file = directory.resolve(FILE);
        return Files.exists(file) ? Optional.of(TextFiles.readPart(file)) : Optional.empty();
    }

    /** Of several templates the one named default. */
    private Optional<String> field() {
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
