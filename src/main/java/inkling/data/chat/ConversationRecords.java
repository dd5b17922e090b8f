package inkling.data.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Reads conversations in several common shapes:
 * <ul>
 * <li>{@code messages}, a list of {@code role} and {@code content}.
 * <li>ShareGPT: {@code conversations}, a list of {@code from} (human, gpt) and {@code value}.
 * <li>Alpaca: {@code instruction}, {@code input} (put on a line of its own after the instruction; may be empty) and {@code output}. There
 *     may also be {@code history}, the earlier turns: pairs of a user's message and its answer.
 * <li>{@code prompt} and {@code completion}, both strings or both lists of messages.
 * </ul>
 * A content is a string, or a list of {@code {"type": "text", "text": …}} whose texts are joined. In a run that version 0.1 began, only
 * {@code messages} is known.
 *
 * <p>Each of {@code tools}, {@code tool_calls}, results of tools and the assistant's reasoning is read if the model's chat template writes
 * it; otherwise it is refused. The {@code tools} of an Alpaca record are always refused. Other keys that would change what is learned are
 * refused, too. The remaining keys are ignored.
 */
final class ConversationRecords {
    private static final List<String> LISTS = List.of("messages", "conversations", "conversation");
    static final List<String> SYSTEM = List.of("system", "system_prompt");
    /** Keys that change what is learned. In a place where they are not read, {@link #noteIgnored} refuses them. */
    private static final Set<String> REFUSED = Set.of("tools", "functions", "tool_calls", "function_call", "tool_call_id",
        "reasoning_content", "thinking", "images", "audio", "videos", "weight", "train");
    /** Further keys of an answer that the template gets with the message. */
    private static final List<String> OF_ANSWERS = List.of("tool_calls", "reasoning_content", "thinking");
    /** Further keys of a tool's result that the template gets with the message. */
    private static final List<String> OF_TOOLS = List.of("tool_call_id", "name");
    private static final String TOOLS = "tools";
    private static final int MOST_NAMED = 8;

    /** A conversation, and the tools that may be called in it. */
    record Conversation(List<Message> messages, Optional<JsonNode> tools) {}

    private final Reading reading;
    private final Function<String, Optional<String>> obstacle;
    private final Set<String> ignored = new TreeSet<>();

    /** @param obstacle says for a key why the chat template cannot write the value of the key; empty if it can */
    ConversationRecords(Reading reading, Function<String, Optional<String>> obstacle) {
        this.reading = reading;
        this.obstacle = obstacle;
    }

    /**
     * Reads one record. The roles of its messages must be in the order that {@link Conversations} describes.
     *
     * @param number of the record in its file, from 0, as {@link inkling.data.source.JsonRecords} counts
     * @throws ConfigException if the first record of a file has none of the shapes: the file is then not read further
     * @throws ModelFormatException if anything else is wrong with this record
     */
    Conversation conversation(JsonFields record, long number) {
        return new Conversation(messages(record, number), tools(record));
    }

    /** Reads the record's tools: a list, or a string that holds the list as JSON, as in records that were made from tables. */
    private Optional<JsonNode> tools(JsonFields record) {
        JsonNode tools = record.node().path(TOOLS);
        if (saysNothing(tools) || tools.isMissingNode()) {
            return Optional.empty();
        }
        requireWritten(record, TOOLS, TOOLS);
        JsonNode list = tools.isTextual() ? StrictJson.parse(record.source() + ": " + TOOLS, tools.textValue().getBytes(UTF_8)) : tools;
        if (!list.isArray()) {
            throw record.fault(TOOLS, "must be a list of the tools that may be called.");
        }
        return saysNothing(list) ? Optional.empty() : Optional.of(list);
    }

    /**
     * Refuses the value of {@code key} if the chat template cannot write it.
     *
     * @param asked the question to {@link #obstacle}: the key itself, or {@code tool} for a message with that role
     */
    private void requireWritten(JsonFields object, String key, String asked) {
        obstacle.apply(asked).ifPresent(why -> {
            throw object.fault(key, "changes what is learned, and cannot be used: %s Leave out this key, or the whole record."
                .formatted(why));
        });
    }

    private List<Message> messages(JsonFields record, long number) {
        if (reading == Reading.VERSION_0_1) {
            return inTurn(record, "messages", new ArrayList<>(), record.requireObjects("messages"), "messages");
        }
        Optional<String> list = LISTS.stream().filter(record::has).findFirst();
        if (list.isPresent()) {
            noteIgnored(record, "", concat(SYSTEM, list.get(), TOOLS));
            return inTurn(record, list.get(), system(record), record.requireObjects(list.get()), list.get());
        }
        if (record.has("instruction") && record.has("output")) {
            return alpaca(record);
        }
        if (record.has("prompt") && record.has("completion")) {
            return completion(record);
        }
        String fault = "%s: has the keys %s: no conversation that is known here. Known are %s.".formatted(record.source(),
            String.join(", ", record.names()), "messages (a list of role and content), conversations (a list of from and value),"
                + " instruction and output (and input), prompt and completion");
        String hint = record.has("text") ? fault + " Records that have a text each are read with format: jsonl_text." : fault;
        throw number == 0 ? new ConfigException(hint) : new ModelFormatException(hint);
    }

    /** A remark for the user that names ignored keys; empty if none was noted. */
    Optional<String> remark() {
        String more = ignored.size() > MOST_NAMED ? " and %d more".formatted(ignored.size() - MOST_NAMED) : "";
        return ignored.isEmpty() ? Optional.empty() : Optional.of("keys that are ignored: "
            + String.join(", ", ignored.stream().limit(MOST_NAMED).toList()) + more);
    }

    private List<Message> alpaca(JsonFields record) {
        noteIgnored(record, "", concat(SYSTEM, "instruction", "input", "output", "history"));
        List<Message> messages = system(record);
        for (JsonNode turn : record.has("history") ? record.requireArray("history") : List.<JsonNode>of()) {
            if (turn.size() != 2 || !turn.path(0).isTextual() || !turn.path(1).isTextual()) {
                throw record.fault("history", "must be a list of pairs: what the user said, what was answered.");
            }
            messages.add(message(Role.USER, turn.path(0).textValue()));
            messages.add(message(Role.ASSISTANT, turn.path(1).textValue()));
        }
        String instruction = record.requireString("instruction");
        String input = record.optionalString("input").orElse("");
        messages.add(message(Role.USER, input.isBlank() ? instruction : instruction.isBlank() ? input : instruction + "\n" + input));
        messages.add(message(Role.ASSISTANT, record.requireString("output")));
        return messages;
    }

    private List<Message> completion(JsonFields record) {
        noteIgnored(record, "", concat(SYSTEM, "prompt", "completion", TOOLS));
        if (record.node().path("prompt").isArray()) {
            List<JsonFields> both = new ArrayList<>(record.requireObjects("prompt"));
            both.addAll(record.requireObjects("completion"));
            return inTurn(record, "completion", system(record), both, "prompt");
        }
        List<Message> messages = system(record);
        messages.add(message(Role.USER, record.requireString("prompt")));
        messages.add(message(Role.ASSISTANT, record.requireString("completion")));
        return messages;
    }

    /**
     * The system message that is given under a key of the record itself, as a new list of one message. The list is empty if there is none.
     */
    static List<Message> system(JsonFields record) {
        List<Message> messages = new ArrayList<>();
        SYSTEM.stream().filter(record::has).map(record::requireString).filter(text -> !text.isBlank()).findFirst()
            .ifPresent(text -> messages.add(message(Role.SYSTEM, text)));
        return messages;
    }

    /**
     * Reads {@code objects} as messages, adds them to {@code messages}, and returns that list. Checks that the roles are in order.
     *
     * @param last the key of the list that must end with an answer, as faults name it
     * @param path the key of the list in the record, as remarks about ignored keys name it
     */
    List<Message> inTurn(JsonFields record, String last, List<Message> messages, List<JsonFields> objects, String path) {
        for (JsonFields object : objects) {
            boolean shareGpt = !object.has("role") && object.has("from");
            String roleKey = shareGpt ? "from" : "role";
            String contentKey = shareGpt ? "value" : "content";
            Role before = messages.isEmpty() ? null : messages.get(messages.size() - 1).role();
            Role role = role(object, roleKey);
            List<String> further = role == Role.ASSISTANT ? OF_ANSWERS : role == Role.TOOL ? OF_TOOLS : List.of();
            noteIgnored(object, path + "[].", concat(List.of(roleKey, contentKey), further.toArray(String[]::new)));
            boolean inTurn = switch (role) {
                case SYSTEM -> before == null;
                case USER -> before != Role.USER;
                case ASSISTANT -> before == Role.USER || before == Role.TOOL;
                case TOOL -> before == Role.ASSISTANT || before == Role.TOOL;
            };
            if (!inTurn) {
                throw object.fault(roleKey, before == null ? "stands first, expected system or user."
                    : "follows %s; expected an optional system message, then user and assistant in turn.".formatted(before.word()));
            }
            String content = content(object, contentKey, path).replace("\r\n", "\n");
            messages.add(new Message(role, content, more(object, role, contentKey, further)));
        }
        if (messages.isEmpty() || messages.get(messages.size() - 1).role() != Role.ASSISTANT) {
            throw record.fault(last, "must end with a message of the assistant: there is nothing to learn after it.");
        }
        return messages;
    }

    /**
     * Collects further keys of a message for the template. For an answer that has no content and only calls tools, adds
     * {@code content: null}.
     */
    private ObjectNode more(JsonFields message, Role role, String contentKey, List<String> keys) {
        if (role == Role.TOOL) {
            requireWritten(message, message.has("role") ? "role" : "from", Role.TOOL.word());
        }
        ObjectNode more = JsonNodeFactory.instance.objectNode();
        for (String key : keys) {
            JsonNode value = message.node().path(key);
            if (!value.isMissingNode() && !saysNothing(value)) {
                if (role == Role.ASSISTANT) {
                    requireWritten(message, key, key);
                }
                more.set(key, value);
            }
        }
        if (more.has("tool_calls") && !message.has(contentKey)) {
            more.putNull("content");
        }
        return more;
    }

    private static Role role(JsonFields message, String key) {
        return switch (message.requireString(key)) {
            case "system" -> Role.SYSTEM;
            case "user", "human" -> Role.USER;
            case "assistant", "gpt" -> Role.ASSISTANT;
            case "tool" -> Role.TOOL;
            default -> throw message.fault(key, "is none of system, user, assistant, tool, nor human or gpt, as ShareGPT calls them.");
        };
    }

    private String content(JsonFields message, String key, String path) {
        boolean callsAlone = !message.has(key) && !message.node().path("tool_calls").isEmpty();
        if (!message.node().path(key).isArray()) {
            return callsAlone ? "" : message.requireString(key);
        }
        StringBuilder content = new StringBuilder();
        for (JsonFields part : message.requireObjects(key)) {
            noteIgnored(part, path + "[]." + key + "[].", List.of("type", "text"));
            if (!part.requireString("type").equals("text")) {
                throw part.fault("type", "is not text: only text is learned here.");
            }
            content.append(part.requireString("text"));
        }
        return content.toString();
    }

    static Message message(Role role, String content) {
        return new Message(role, content.replace("\r\n", "\n"));
    }

    void noteIgnored(JsonFields object, String path, List<String> known) {
        for (String name : object.names()) {
            JsonNode value = object.node().path(name);
            if (known.contains(name) || saysNothing(value)) {
                continue;
            }
            // weight: 1 and train: true mean the same as leaving the key out
            boolean usual = name.equals("weight") && value.asDouble() == 1 || name.equals("train") && value.asBoolean();
            if (REFUSED.contains(name) && !usual) {
                throw object.fault(name, "changes what is learned, and is not read here. Leave out this key, or the whole record.");
            }
            ignored.add(path + name);
        }
    }

    private static boolean saysNothing(JsonNode value) {
        return value.isNull() || value.isTextual() && value.textValue().isEmpty() || value.isContainerNode() && value.isEmpty();
    }

    static List<String> concat(List<String> first, String... more) {
        List<String> all = new ArrayList<>(first);
        all.addAll(Arrays.asList(more));
        return all;
    }
}
