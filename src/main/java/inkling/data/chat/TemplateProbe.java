package inkling.data.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.errors.InklingException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds out whether a chat template writes the value of a key such as {@code tools}. The template runs on a small conversation that has the
 * key, and the value must be in the text. If a template ignored the key, a model would learn answers without the reason for them.
 */
final class TemplateProbe {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String FUNCTION = "probe_weather";
    private static final String VALUE = "Probetown";
    private static final String THOUGHT = "Probably so";
    private static final String RESULT = "Probed sunshine";
    private static final String CALL = "probe0001";              // nine letters and digits, as Mistral's template asks for
    private static final Message QUESTION = new Message(Role.USER, "Hello");

    private final TemplatedChat chat;
    private final Map<String, Optional<String>> known = new HashMap<>();

    TemplateProbe(TemplatedChat chat) {
        this.chat = chat;
    }

    /** As {@link ChatFormat#obstacle}. Each key is tried once. */
    synchronized Optional<String> obstacle(String key) {
        return known.computeIfAbsent(key, this::probe);
    }

    private Optional<String> probe(String key) {
        return switch (key) {
            case "tools" -> lacking(tools(), List.of(QUESTION), FUNCTION);
            case "tool_calls" -> eitherCall(call -> lacking(tools(), List.of(QUESTION, call), FUNCTION, VALUE));
            case "tool" -> eitherCall(call -> lacking(tools(), List.of(QUESTION, call, result()), RESULT));
            case "reasoning_content", "thinking" -> lacking(JSON.nullNode(), List.of(QUESTION,
                new Message(Role.ASSISTANT, "Good day", JSON.objectNode().put(key, THOUGHT))), THOUGHT);
            default -> Optional.of("it is not known here.");
        };
    }

    /** Says why the template's text for {@code messages} lacks one of {@code expected}; empty if it has all. */
    private Optional<String> lacking(JsonNode tools, List<Message> messages, String... expected) {
        try {
            TemplatedChat with = (TemplatedChat) chat.with(tools);
            String text = with.render(with.json(messages, false)).text();
            return List.of(expected).stream().allMatch(text::contains) ? Optional.empty()
                : Optional.of("the model's chat template does not write it.");
        } catch (InklingException e) {
            return Optional.of("the model's chat template refuses it: " + e.getMessage());
        }
    }

    private static ArrayNode tools() {
        ArrayNode tools = JSON.arrayNode();
        ObjectNode function = tools.addObject().put("type", "function").putObject("function").put("name", FUNCTION)
            .put("description", "Tells the weather.");
        ObjectNode parameters = function.putObject("parameters").put("type", "object");
        parameters.putObject("properties").putObject("city").put("type", "string").put("description", "Where");
        parameters.putArray("required").add("city");
        return tools;
    }

    /** Tries a call whose arguments are an object, and if need be, one whose arguments are a string of JSON. Templates differ in this. */
    private static Optional<String> eitherCall(Function<Message, Optional<String>> lacking) {
        JsonNode arguments = JSON.objectNode().put("city", VALUE);
        Optional<String> asObject = lacking.apply(call(arguments));
        return asObject.isEmpty() || lacking.apply(call(JSON.textNode(arguments.toString()))).isEmpty() ? Optional.empty() : asObject;
    }

    private static Message call(JsonNode arguments) {
        ObjectNode more = JSON.objectNode();
        ObjectNode call = more.putArray("tool_calls").addObject().put("id", CALL).put("type", "function");
        call.putObject("function").put("name", FUNCTION).set("arguments", arguments);
        return new Message(Role.ASSISTANT, "", more);
    }

    private static Message result() {
        return new Message(Role.TOOL, RESULT, JSON.objectNode().put("name", FUNCTION).put("tool_call_id", CALL));
    }
}
