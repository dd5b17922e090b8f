package inkling.data.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.InklingException;
import inkling.template.Template;
import inkling.template.builtin.Moment;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * Turns conversations into token ids, in the same way for training and for {@code chat}. The model's own chat template writes the
 * conversation ({@link TemplatedChat}), or Inkling does so ({@link ComposedChat}): in a form of its own or, in runs that version 0.1 began,
 * in a form that 0.1 knew. Contents are always ordinary text: what a user types never becomes a special token.
 */
public interface ChatFormat {
    /** In Inkling's own form, the text that ends an answer if the model has no end token. */
    String PLAIN_END = "<|end|>";

    /**
     * The texts that end an answer in Inkling's own form. The second begins the user's next turn: a model that did not learn to stop would
     * go on with it.
     */
    List<String> OWN_STOPS = List.of(PLAIN_END, "<|user|>");

    /** Who says something. */
    enum Role {
        SYSTEM, USER, ASSISTANT,
        /** The result of a tool that the assistant called. */
        TOOL;

        /** As conversation files and templates spell it: {@code user}. */
        public String word() {
            return switch (this) {
                case SYSTEM -> "system";
                case USER -> "user";
                case ASSISTANT -> "assistant";
                case TOOL -> "tool";
            };
        }
    }

    /**
     * One message of a conversation.
     *
     * @param more further keys of the message that a template may read: {@code tool_calls}, {@code reasoning_content} …
     */
    record Message(Role role, String content, ObjectNode more) {
        public Message(Role role, String content) {
            this(role, content, JsonNodeFactory.instance.objectNode());
        }
    }

    /** The format for a model. If the model's own template could not be used, a remark for the user says why. */
    record Choice(ChatFormat format, Optional<String> remark) {}

    /**
     * Encodes a whole conversation. The assistant's answers, each with its end, are marked {@link inkling.tokenizer.MarkedText#LEARNED}.
     */
    default MarkedIds encode(List<Message> messages) {
        return encode(messages, 0);
    }

    /**
     * As {@link #encode(List)}, but only the assistant's messages from number {@code first} on are marked. The first message has the number
     * 0.
     */
    MarkedIds encode(List<Message> messages, int first);

    /** Encodes the conversation so far, and after it the beginning of an answer, which the model continues. */
    int[] prompt(List<Message> messages);

    /**
     * Says why this form cannot write the value of a key; empty if it can.
     *
     * @param key such as {@code tools} or {@code tool_calls}; {@code tool} asks about a message with that role
     */
    Optional<String> obstacle(String key);

    /**
     * This form, for conversations in which tools may be called. Call this only if {@link #obstacle} is empty for {@code tools}.
     *
     * @param tools a list of the tools
     */
    ChatFormat with(JsonNode tools);

    /** Whether this is Inkling's own form. */
    boolean isOwn();

    /**
     * The ids that end an answer: usually one special id. In Inkling's own form for a model without an end token, these are the ids of
     * {@link #PLAIN_END}. A template that ends answers with no special token has none.
     */
    int[] answerEnd();

    /**
     * Checks that the vocabulary can encode Inkling's own marks of user, assistant and an answer's end. The mark of a system text is not
     * checked, since a conversation needs none. A template needs no check: it is chosen only if it works.
     *
     * @throws inkling.errors.ConfigException if the vocabulary, e.g. one of single characters, lacks a character of a mark
     */
    default void requireMarks() {
        if (isOwn()) {
            prompt(List.of(new Message(Role.USER, "")));
            answerEnd();
        }
    }

    /** Inkling's own form, with the special ids that the tokenizer alone defines. */
    static ChatFormat own(Tokenizer tokenizer) {
        return ComposedChat.own(tokenizer, SpecialIds.of(tokenizer));
    }

    /**
     * Chooses the form of the model's chat template, if there is one that runs here and writes the messages. The template must also end
     * answers with a special token of the vocabulary. Otherwise chooses Inkling's own form, with a remark if there is a template other than
     * {@link OwnChatTemplate}'s.
     *
     * @param now the time that the template gets if it asks for the date
     */
    static Choice choose(Tokenizer tokenizer, SpecialIds special, Optional<String> chatTemplate, Moment now) {
        ChatFormat own = ComposedChat.own(tokenizer, special);
        if (chatTemplate.isEmpty() || chatTemplate.get().equals(OwnChatTemplate.jinja(tokenizer, special))) {
            return new Choice(own, Optional.empty());
        }
        try {
            TemplatedChat chat = new TemplatedChat(Template.parse("chat_template", chatTemplate.get()), tokenizer, now);
            Optional<String> obstacle = chat.obstacle();
            return obstacle.isEmpty() ? new Choice(chat, Optional.empty()) : new Choice(own, remark(obstacle.get()));
        } catch (InklingException e) {
            return new Choice(own, remark(e.getMessage()));
        }
    }

    private static Optional<String> remark(String why) {
        return Optional.of("the model's chat template is not used, so conversations have Inkling's own form, with <|user|> and "
            + "<|assistant|>"
            + " lines: " + why);
    }

    /**
     * Chooses as version 0.1 did, without running a template: one of a few known forms, else Inkling's own. Runs that version 0.1 began use
     * this, so that they keep their form.
     */
    static Choice ofFirstVersion(Tokenizer tokenizer, SpecialIds special, Optional<String> chatTemplate) {
        return ComposedChat.known(tokenizer, special, chatTemplate);
    }
}
