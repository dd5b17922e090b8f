package inkling.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.serve.api.GenerateRequest.Prompt;
import inkling.serve.http.RequestFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Reads the body of {@code /v1/chat/completions}: a conversation that the model answers. */
final class ChatRequests {
    private static final List<String> FIELDS = Stream.of(SamplingFields.SHARED, SamplingFields.WITHOUT_EFFECT,
        List.of("messages", "max_completion_tokens", "max_tokens", "logprobs", "top_logprobs", "response_format", "tools", "tool_choice",
            "modalities")).flatMap(List::stream).toList();
    /** Fields that an answer's message may have. Clients send them back with the conversation; this server takes them only if empty. */
    private static final List<String> EMPTY_IN_MESSAGES = List.of("refusal", "annotations", "tool_calls", "function_call", "audio");
    private static final int MOST_TOP_LOGPROBS = 20;

    private ChatRequests() {}

    static GenerateRequest read(RequestFields fields, ServedModel model) {
        fields.refuseOthers(FIELDS);
        refuseTools(fields);
        ChatPrompts chat = model.chat();
        Optional<RequestFields> own = SamplingFields.own(fields, List.of("exact", "tokens", "begin"));
        int[] ids = withBeginning(chat.ids(fields), own, model);
        OptionalLong newer = fields.whole("max_completion_tokens", 1, SamplingFields.MOST_TOKENS);
        OptionalLong older = fields.whole("max_tokens", 1, SamplingFields.MOST_TOKENS);
        int asked = (int) (newer.isPresent() ? newer : older).orElse(SamplingFields.MOST_TOKENS);
        int room = SamplingFields.room("messages", model, ids.length, asked);
        return new GenerateRequest(model, List.of(new Prompt(ids, "")), chat.prompts(),
            SamplingFields.options(fields, model, room, chat.stops()), true, SamplingFields.mode(fields, own), logprobs(fields),
            SamplingFields.detail(own), false,
            SamplingFields.streaming(fields));
    }

    /** Adds {@code inkling.begin}: ids with which the model's turn begins. The answer has only what comes after them. */
    private static int[] withBeginning(int[] ids, Optional<RequestFields> own, ServedModel model) {
        if (own.isEmpty() || !own.get().has("begin")) {
            return ids;
        }
        int[] begin = own.get().ids("begin", own.get().value("begin"), model.config().vocabSize());
        int[] all = Arrays.copyOf(ids, ids.length + begin.length);
        System.arraycopy(begin, 0, all, ids.length, begin.length);
        return all;
    }

    private static OptionalInt logprobs(RequestFields fields) {
        OptionalLong top = fields.whole("top_logprobs", 0, MOST_TOP_LOGPROBS);
        boolean asked = fields.flag("logprobs").orElse(false);
        if (top.isPresent() && top.getAsLong() > 0 && !asked) {
            throw fields.fault("top_logprobs", "needs logprobs: true.");
        }
        return asked ? OptionalInt.of((int) top.orElse(0)) : OptionalInt.empty();
    }

    /** Refuses fields that ask for anything but text, because the models write nothing else. */
    private static void refuseTools(RequestFields fields) {
        if (fields.has("tools") && !(fields.value("tools").isArray() && fields.value("tools").isEmpty())) {
            throw fields.fault("tools", "is not supported by this server.");
        }
        if (fields.has("tool_choice") && !fields.value("tool_choice").asText().equals("none")) {
            throw fields.fault("tool_choice", "is not supported by this server.");
        }
        fields.object("response_format").ifPresent(format -> {
            if (!format.requireText("type").equals("text")) {
                throw fields.fault("response_format", "can only be text: this server cannot make the model write a given form.");
            }
        });
        if (fields.has("modalities") && !fields.value("modalities").toString().equals("[\"text\"]")) {
            throw fields.fault("modalities", "can only be [\"text\"].");
        }
    }

    static List<Message> messages(RequestFields fields) {
        List<Message> messages = new ArrayList<>();
        for (RequestFields message : fields.requireObjects("messages")) {
            for (String field : EMPTY_IN_MESSAGES) {
                if (message.has(field) && !saysNothing(message.value(field))) {
                    throw message.fault(field, "is not supported by this server.");
                }
            }
            message.refuseOthers(Stream.concat(Stream.of("role", "content"), EMPTY_IN_MESSAGES.stream()).toList());
            messages.add(new Message(role(message), content(message)));
        }
        return messages;
    }

    private static boolean saysNothing(JsonNode value) {
        return value.isContainerNode() && value.isEmpty() || value.isTextual() && value.textValue().isEmpty();
    }

    private static Role role(RequestFields message) {
        String role = message.requireText("role");
        return switch (role) {
            case "system", "developer" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            case "tool", "function" -> throw message.fault("role", "%s is not supported by this server.".formatted(role));
            default -> throw message.fault("role", "must be system, developer, user or assistant.");
        };
    }

    /** Reads the content of a message, which is a text or a list of parts; joins the texts of the parts. */
    private static String content(RequestFields message) {
        if (message.has("content") && message.value("content").isArray()) {
            StringBuilder text = new StringBuilder();
            for (RequestFields part : message.requireObjects("content")) {
                if (!part.requireText("type").equals("text")) {
                    throw part.fault("type", "can only be text.");
                }
                text.append(part.requireText("text"));
            }
            return text.toString();
        }
        return message.requireText("content");
    }
}
