package inkling.data.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.template.Rendering;
import inkling.template.Template;
import inkling.template.builtin.Moment;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.Tokenizer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Writes conversations with a model's own chat template. The whole text is encoded at once, as Transformers does. But special tokens are
 * found only in the template's own text, never in data, such as the contents of messages.
 *
 * <pre>{@code
 * TemplatedChat chat = new TemplatedChat(Template.parse("chat_template", source), tokenizer, now);
 * Rendering rendering = chat.render(json);   // messages, add_generation_prompt, tools …
 * int[] prompt = chat.encode(rendering);     // for a model to continue
 * }</pre>
 */
public final class TemplatedChat implements ChatFormat {
    /** Text that has the form of a special token: {@code <|name|>}, or the same with the wide bars of DeepSeek. */
    static final Pattern MARK = Pattern.compile("<\\|[^|<>\\s]{1,60}\\|>|<｜[^｜<>\\s]{1,60}｜>");
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Template template;
    private final Tokenizer tokenizer;
    private final Map<String, String> tokens;
    private final Moment now;
    private final JsonNode tools;
    private final TemplateProbe probe;

    /** @param now the time that the template gets if it asks for the date */
    public TemplatedChat(Template template, Tokenizer tokenizer, Moment now) {
        this(template, tokenizer, tokenizer.namedTokens(), now);
    }

    /** @param tokens special tokens by the names that the template uses: {@code bos_token}, {@code eos_token} … */
    public TemplatedChat(Template template, Tokenizer tokenizer, Map<String, String> tokens, Moment now) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.tokens = Map.copyOf(tokens);
        this.now = now;
        this.tools = NullNode.getInstance();
        this.probe = new TemplateProbe(this);
    }

    private TemplatedChat(TemplatedChat other, JsonNode tools) {
        template = other.template;
        tokenizer = other.tokenizer;
        tokens = other.tokens;
        now = other.now;
        this.tools = tools;
        probe = other.probe;
    }

    /**
     * Writes the conversation with the template.
     *
     * @param conversation a JSON object: {@code messages}, {@code add_generation_prompt}, and further variables of the template
     * @throws ConfigException if the template refuses this conversation
     * @throws ModelFormatException if the template cannot be run with it
     */
    public Rendering render(JsonNode conversation) {
        return template.render(conversation, tokens, now);
    }

    /** Encodes the text. Special tokens are found only in the template's own text. */
    public int[] encode(Rendering rendering) {
        return tokenizer.encode(new MarkedText(rendering.text(), rendering.runs().stream()
            .map(run -> new MarkedText.Run(run.end(), run.isData() ? MarkedText.PLAIN : 0)).toList())).ids();
    }

    /**
     * Lists the special tokens in the template's own text that the vocabulary lacks. Special tokens are {@code bos_token},
     * {@code eos_token} …, and text of the form {@code <|name|>}.
     */
    public List<String> lacking(Rendering rendering) {
        Set<String> lacking = new LinkedHashSet<>();
        int from = 0;
        for (int i = 0; i < rendering.runs().size(); i++) {
            Rendering.Run run = rendering.runs().get(i);
            boolean goesOn = i + 1 < rendering.runs().size() && rendering.runs().get(i + 1).isData() == run.isData();
            if (!goesOn) {
                String text = run.isData() ? "" : rendering.text().substring(from, run.end());
                MARK.matcher(text).results().map(MatchResult::group).forEach(lacking::add);
                tokens.values().stream().filter(text::contains).forEach(lacking::add);
                from = run.end();
            }
        }
        lacking.removeIf(token -> tokenizer.id(token).isPresent());
        return List.copyOf(lacking);
    }

    /**
     * The conversation as Transformers gives it to a template.
     *
     * @param prompt the value of {@code add_generation_prompt}: whether the template adds the beginning of an answer
     */
    ObjectNode json(List<Message> messages, boolean prompt) {
        ObjectNode conversation = JSON.objectNode();
        ArrayNode list = conversation.putArray("messages");
        messages.forEach(message -> list.addObject().put("role", message.role().word()).put("content", message.content())
            .setAll(message.more()));
        conversation.set("tools", tools);
        return conversation.putNull("documents").put("add_generation_prompt", prompt);
    }

    @Override
    public Optional<String> obstacle(String key) {
        return probe.obstacle(key);
    }

    @Override
    public ChatFormat with(JsonNode tools) {
        return new TemplatedChat(this, tools);
    }

    @Override
    public MarkedIds encode(List<Message> messages, int first) {
        return new LearnedTokens(this, tokenizer).of(messages, first);
    }

    @Override
    public int[] prompt(List<Message> messages) {
        return encode(render(json(messages, true)));
    }

    @Override
    public boolean isOwn() {
        return false;
    }

    @Override
    public int[] answerEnd() {
        OptionalInt end = probedEnd();
        return end.isPresent() ? new int[] {end.getAsInt()} : new int[0];
    }

    private static final Message QUESTION = new Message(Role.USER, "Hello");
    private static final Message ANSWER = new Message(Role.ASSISTANT, "Good day");

    /** The token that ends an answer: the last learned id of an answer between two questions, if that id is a special token. */
    private OptionalInt probedEnd() {
        MarkedIds probe = encode(List.of(QUESTION, ANSWER, QUESTION));
        return IntStream.range(0, probe.ids().length).filter(i -> probe.has(i, MarkedText.LEARNED)).map(i -> probe.ids()[i])
            .reduce((first, last) -> last).stream().filter(this::isSpecial).findFirst();
    }

    private boolean isSpecial(int id) {
        return tokenizer.bytes(id).length == 0;
    }

    /** Says why this template cannot be used to chat and to learn conversations; empty if it can. Throws as {@link #render}. */
    Optional<String> obstacle() {
        if (!render(json(List.of(QUESTION), true)).text().contains(QUESTION.content())) {
            return Optional.of("it does not write a message whose content is a string.");
        }
        Rendering probe = render(json(List.of(QUESTION, ANSWER, QUESTION), false));
        int behind = probe.text().indexOf(ANSWER.content()) + ANSWER.content().length();
        Matcher end = MARK.matcher(probe.text().substring(behind, LearnedTokens.nextData(probe, behind)));
        if (end.find() && tokenizer.id(end.group()).isEmpty()) {
            return Optional.of("it ends an answer with %s, which is no token of the vocabulary.".formatted(end.group()));
        }
        return probedEnd().isPresent() ? Optional.empty()
            : Optional.of("what it writes after an answer is no special token of the vocabulary, so an answer would have no end.");
    }
}
