package inkling.formats;

import inkling.data.chat.ChatFormat;
import inkling.data.chat.OwnChatTemplate;
import inkling.model.config.GptConfig;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The file that {@code ollama create NAME -f FILE} reads. It names the weights, the context length, and the tokens and texts that end an
 * answer. It also says how a conversation is written, unless the GGUF file has a chat template other than {@link OwnChatTemplate}'s.
 */
final class Modelfile {
    private Modelfile() {}

    /** The path of the Modelfile: {@code dickens.Modelfile} beside {@code dickens.gguf}. */
    static Path beside(Path gguf) {
        String file = gguf.getFileName().toString();
        return gguf.resolveSibling((file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file) + ".Modelfile");
    }

    static byte[] bytes(Path gguf, GptConfig config, Tokenizer tokenizer, SpecialIds special, Optional<String> template) {
        StringBuilder text = new StringBuilder("FROM ./%s\n".formatted(gguf.getFileName()));
        text.append("PARAMETER num_ctx %d\n".formatted(config.contextLength()));
        boolean own = template.equals(Optional.of(OwnChatTemplate.jinja(tokenizer, special)));
        Stream.concat(special.ends().stream().filter(id -> id < tokenizer.vocabSize()).map(tokenizer::token),
                own ? ChatFormat.OWN_STOPS.stream() : Stream.empty())
            .distinct().forEach(stop -> text.append("PARAMETER stop %s\n".formatted(quoted(stop))));
        if (own) {
            text.append("TEMPLATE \"\"\"%s\"\"\"\n".formatted(OwnChatTemplate.ollama(tokenizer, special)));
        } else if (template.isEmpty()) {
            text.append("# The model has no chat template: a prompt is continued as it is.\nTEMPLATE \"{{ .Prompt }}\"\n");
        } else {
            text.append("# The chat template is in the GGUF file. If Ollama knows this template, it uses its own version; if not, write"
                + " TEMPLATE here.\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\"", "\\\"") + "\"";
    }
}
