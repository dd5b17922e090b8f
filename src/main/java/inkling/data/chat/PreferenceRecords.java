package inkling.data.chat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads pairs of answers: a better one (chosen) and a worse one (rejected). A record has one of two shapes:
 * <ul>
 * <li>A {@code prompt}, and its answers {@code chosen} and {@code rejected}. The prompt is a text (the user's words) or a list of messages.
 *     Each answer, too, is a text or a list of messages.
 * <li>{@code chosen} and {@code rejected}, each a whole conversation as a list of messages. The messages with which both begin are the
 *     prompt. If there is also a {@code prompt} that is a text, it must be one of the user's messages among them.
 * </ul>
 * Contents and roles are read as in {@link ConversationRecords}. Tools, their results and reasoning are always refused.
 */
final class PreferenceRecords {
    /**
     * A prompt and its two answers. An answer is one message of the assistant, or several messages, the first and last of them the
     * assistant's.
     */
    record Pair(List<Message> prompt, List<Message> chosen, List<Message> rejected) {
        List<Message> with(List<Message> answer) {
            List<Message> all = new ArrayList<>(prompt);
            all.addAll(answer);
            return all;
        }
    }

    private static final String KNOWN = "Known are prompt, chosen and rejected (prompt: a text or a list of messages; chosen and "
        + "rejected: the"
        + " answers, each a text or a list of messages), and chosen and rejected alone (each a whole conversation, a list of messages).";

    private final ConversationRecords conversations = new ConversationRecords(Reading.PRESENT,
        key -> Optional.of("of the messages in pairs of answers, only the content is read."));

    /**
     * Reads one record.
     *
     * @param number of the record in its file, from 0
     * @throws ConfigException if the first record of a file lacks {@code chosen} or {@code rejected}: the file is then not read further
     * @throws ModelFormatException if anything else is wrong with this record
     */
    Pair pair(JsonFields record, long number) {
        if (!record.has("chosen") || !record.has("rejected")) {
            String fault = "%s: has the keys %s: no pair of answers that is known here. %s".formatted(record.source(),
                String.join(", ", record.names()), KNOWN);
            String hint = record.has("messages") || record.has("conversations") || record.has("completion")
                ? fault + " Conversations without a second answer are read with format: messages." : fault;
            throw number == 0 ? new ConfigException(hint) : new ModelFormatException(hint);
        }
        conversations.noteIgnored(record, "", ConversationRecords.concat(ConversationRecords.SYSTEM, "prompt", "chosen", "rejected"));
        boolean whole = isConversation(record, "chosen");
        if (whole != isConversation(record, "rejected")) {
            throw record.fault("rejected", "is %s, and chosen %s. %s".formatted(kind(!whole), kind(whole), KNOWN));
        }
        if (!whole && !record.has("prompt")) {
            throw record.fault("prompt", "is missing, and the answers alone do not say what was asked. " + KNOWN);
        }
        return whole ? wholes(record) : answers(record);
    }

    /** A remark for the user that names ignored keys; empty if there are none. */
    Optional<String> remark() {
        return conversations.remark();
    }

    private static String kind(boolean whole) {
        return whole ? "a whole conversation" : "an answer alone";
    }

    /** Whether the value of {@code key} is a list of messages whose first message is not the assistant's. */
    private static boolean isConversation(JsonFields record, String key) {
        if (!record.node().path(key).isArray()) {
            return false;
        }
        List<JsonFields> messages = record.requireObjects(key);
        if (messages.isEmpty()) {
            throw record.fault(key, "is an empty list: there is no answer in it.");
        }
        JsonFields first = messages.get(0);
        String role = first.requireString(!first.has("role") && first.has("from") ? "from" : "role");
        return !role.equals("assistant") && !role.equals("gpt");
    }

    /** Reads a record of the first shape: a prompt and two answers. */
    private Pair answers(JsonFields record) {
        List<Message> chosen = answered(record, "chosen");
        List<Message> rejected = answered(record, "rejected");
        int prompt = chosen.size() - length(record, "chosen");
        return new Pair(chosen.subList(0, prompt), chosen.subList(prompt, chosen.size()), rejected.subList(prompt, rejected.size()));
    }

    private static int length(JsonFields record, String key) {
        return record.node().path(key).isArray() ? record.node().path(key).size() : 1;
    }

    /** The prompt's messages, then the messages of the answer under {@code key}. */
    private List<Message> answered(JsonFields record, String key) {
        List<JsonFields> answer = record.node().path(key).isArray() ? record.requireObjects(key)
            : List.of(said(record, record.requireString(key)));
        if (record.node().path("prompt").isArray()) {
            List<JsonFields> both = new ArrayList<>(record.requireObjects("prompt"));
            both.addAll(answer);
            return conversations.inTurn(record, key, ConversationRecords.system(record), both, "prompt");
        }
        List<Message> asked = ConversationRecords.system(record);
        asked.add(ConversationRecords.message(Role.USER, record.requireString("prompt")));
        return conversations.inTurn(record, key, asked, answer, key);
    }

    /** Makes a message of an answer that is given as a text. */
    private static JsonFields said(JsonFields record, String answer) {
        return JsonFields.of(record.source(), JsonNodeFactory.instance.objectNode().put("role", "assistant").put("content", answer));
    }

    /** Reads a record of the second shape: two whole conversations. */
    private Pair wholes(JsonFields record) {
        List<Message> chosen = conversation(record, "chosen");
        List<Message> rejected = conversation(record, "rejected");
        int shared = 0;
        while (shared < Math.min(chosen.size(), rejected.size()) - 1 && chosen.get(shared).equals(rejected.get(shared))) {
            shared++;
        }
        List<Message> prompt = chosen.subList(0, shared);
        if (shared == 0 || prompt.get(shared - 1).role() != Role.USER) {
            throw record.fault("rejected", "does not answer the same messages as the conversation in chosen: up to the first answer that"
                + " differs, both must be the same.");
        }
        if (record.has("prompt") && record.node().path("prompt").isTextual() && prompt.stream()
            .noneMatch(m -> m.role() == Role.USER
            && m.content().strip().equals(record.requireString("prompt").replace("\r\n", "\n").strip()))) {
            throw record.fault("prompt", "is not among the user's messages with which chosen and rejected begin.");
        }
        return new Pair(prompt, chosen.subList(shared, chosen.size()), rejected.subList(shared, rejected.size()));
    }

    private List<Message> conversation(JsonFields record, String key) {
        return conversations.inTurn(record, key, ConversationRecords.system(record), record.requireObjects(key), key);
    }
}
