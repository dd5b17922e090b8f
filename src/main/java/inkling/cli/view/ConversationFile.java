package inkling.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import inkling.run.LoadedModel;
import inkling.template.builtin.Moment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A conversation in a file of its own, as {@code tokenize --messages} reads it: {@code {"messages": [{"role": …, "content": …}], …}}.
 *
 * @param variables the variables of a chat template: the document without {@code now}
 * @param now the time that {@code strftime_now} gives: the document's {@code now}, else the present time
 */
record ConversationFile(Path file, ObjectNode variables, Moment now) {
    private static final String NOW = "now";

    /** @throws ConfigException if the file is not there or not JSON, has no list of messages, or has a {@code now} that is no time */
    static ConversationFile read(Path file) {
        JsonNode document;
        try {
            document = StrictJson.parse(file);
        } catch (ModelFormatException e) {   // the user's file, not a model's
            throw new ConfigException("--messages " + e.getMessage(), e);
        }
        if (!(document instanceof ObjectNode variables) || !document.path("messages").isArray()) {
            throw new ConfigException("--messages %s: must be one JSON object with a list of messages: {\"messages\": [{\"role\": \"user\","
                .formatted(file) + " \"content\": \"Hello\"}], \"add_generation_prompt\": true}.");
        }
        JsonNode now = variables.remove(NOW);
        return new ConversationFile(file, variables, now == null || now.isNull() ? LoadedModel.now() : moment(file, now));
    }

    private static Moment moment(Path file, JsonNode now) {
        return Moment.parse(now.asText()).orElseThrow(() -> new ConfigException(
            "--messages %s: now = %s is no day or time: write \"2024-07-26\" or \"2024-07-26T12:30:00\".".formatted(file, now)));
    }

    /** The messages, for Inkling's own form. @throws ConfigException for a role that the form lacks, or content that is not a string */
    List<Message> messages() {
        List<Message> messages = new ArrayList<>();
        for (JsonNode message : variables.path("messages")) {
            Role role = Stream.of(Role.SYSTEM, Role.USER, Role.ASSISTANT).filter(each -> each.word().equals(message.path("role").asText()))
                .findFirst().orElse(null);
            if (role == null || !message.path("content").isTextual()) {
                throw new ConfigException(("--messages %s: messages[%d] is not a message of system, user or assistant whose content "
                    + "is a string."
                    + " Conversations have Inkling's own form here, which knows no other roles.").formatted(file, messages.size()));
            }
            messages.add(new Message(role, message.path("content").textValue()));
        }
        return messages;
    }

    /** Whether the text ends with the beginning of an answer, for a model to continue ({@code add_generation_prompt}). */
    boolean beginsAnswer() {
        return variables.path("add_generation_prompt").asBoolean();
    }
}
