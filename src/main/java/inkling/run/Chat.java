package inkling.run;

import inkling.data.chat.ChatFormat;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.errors.ConfigException;
import inkling.generate.Generation;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A conversation with a model. It keeps the history and drops the oldest turns once they leave too little room for an answer. The user's
 * messages are encoded as ordinary text, so they never become special tokens. The code that makes a chat closes it.
 */
public final class Chat implements AutoCloseable {
    private final ChatFormat format;
    private final Optional<String> remark;
    private final GenerationSession session;
    private final int contextLength;
    private final List<Message> history = new ArrayList<>();
    private SamplingOptions options;
    private long answers;

    /** @param system what the model is told before the conversation; never dropped */
    public Chat(LoadedModel model, Optional<String> system, SamplingOptions options) {
        Tokenizer tokenizer = model.requireTokenizer("chat");
        SpecialIds special = model.specialIds();
        ChatFormat.Choice choice = model.chatFormat();
        this.format = choice.format();
        this.remark = choice.remark();
        this.contextLength = model.gpt().config().contextLength();
        this.options = options.withSamples(1);
        int[] end = answerEnd(model);
        system(system);
        SpecialIds ends = end.length == 1 ? special.withEnds(end) : special;
        this.session = GenerationSession.open(model.gpt(), Optional.of(tokenizer), ends, model.context());
    }

    /**
     * The ids that end an answer: usually one special id. If the vocabulary has no such id, Inkling's own form marks the end by a text, and
     * the result has the ids of this text. The method {@link #generate} also makes the text a stop string.
     */
    private int[] answerEnd(LoadedModel model) {
        try {
            format.requireMarks();
            return format.answerEnd();
        } catch (ConfigException e) {
            throw new ConfigException(("%s cannot chat: its vocabulary lacks the characters that mark who speaks."
                + " `sample` continues a text with it.").formatted(model.directory()), e);
        }
    }

    /** A line for the user if the model's own template cannot be used. */
    public Optional<String> remark() {
        return remark;
    }

    /** How the next answers are drawn. */
    public SamplingOptions options() {
        return options;
    }

    /** Sets how the next answers are drawn. Each answer is one sample, however many {@code next} asks for. */
    public void use(SamplingOptions next) {
        options = next.withSamples(1);
    }

    /** The text that the model is told before the conversation; empty if there is none. */
    public Optional<String> system() {
        return hasSystem() ? Optional.of(history.get(0).content()) : Optional.empty();
    }

    /**
     * Replaces the text that the model is told before the conversation; empty removes it. The other messages stay.
     *
     * @throws ConfigException if the vocabulary lacks characters of the text or of its mark, or the chat template refuses such a text. The
     *     text is as before then
     */
    public void system(Optional<String> text) {
        List<Message> changed = new ArrayList<>(hasSystem() ? history.subList(1, history.size()) : history);
        text.ifPresent(told -> {
            changed.add(0, new Message(Role.SYSTEM, told));
            List<Message> next = new ArrayList<>(changed);
            next.add(new Message(Role.USER, ""));
            try {
                format.prompt(next);    // a fault is told now, not at each message
            } catch (ConfigException e) {
                throw new ConfigException("The model cannot be told this before the conversation%s: %s".formatted(
                    format.isOwn() ? " (below the line <|system|>)" : "", e.getMessage()), e);
            }
        });
        history.clear();
        history.addAll(changed);
    }

    private boolean hasSystem() {
        return !history.isEmpty() && history.get(0).role() == Role.SYSTEM;
    }

    /** As {@link #answer(String, Consumer, Consumer, BooleanSupplier)}, without a way to stop it. */
    public String answer(String message, Consumer<String> stream, Consumer<String> remarks) {
        return answer(message, stream, remarks, () -> false);
    }

    /**
     * Answers a message of the user. If there is no answer, because this method throws or because {@code stop} came first, the history
     * stays as it was.
     *
     * @param stream receives the answer as it is generated
     * @param remarks receives a line if turns are left out
     * @param stop asked before each pass through the model and before each token is drawn; once it returns true, the answer ends
     * @throws ConfigException if this message and the system text leave no room for an answer, if the vocabulary lacks a character of the
     *     message, or if the chat template refuses the conversation
     */
    public String answer(String message, Consumer<String> stream, Consumer<String> remarks, BooleanSupplier stop) {
        List<Message> kept = new ArrayList<>(history);
        kept.add(new Message(Role.USER, message));
        int room = Math.min(options.maxTokens(), Math.max(1, contextLength / 4)); // kept free for the answer
        int dropped = 0;
        int[] prompt = format.prompt(kept);
        int first = hasSystem() ? 1 : 0;
        while (prompt.length > contextLength - room && kept.size() > first + 1) {
            kept.subList(first, first + 2).clear(); // a turn: the user's message and its answer
            dropped++;
            prompt = format.prompt(kept);
        }
        if (prompt.length >= contextLength) {
            throw new ConfigException(("The prompt with that message has %,d tokens, including role markers and system text; the context"
                + " has %,d. Write a shorter message.").formatted(prompt.length, contextLength));
        }
        if (dropped > 0) {
            remarks.accept("The context of %,d tokens is full: the oldest %s left out.".formatted(contextLength,
                dropped == 1 ? "turn is" : dropped + " turns are"));
        }
        String answer = generate(prompt, stream, stop);
        if (!answer.isEmpty() || !stop.getAsBoolean()) {
            kept.add(new Message(Role.ASSISTANT, answer));
            history.clear();
            history.addAll(kept);
        }
        return answer;
    }

    private String generate(int[] prompt, Consumer<String> stream, BooleanSupplier stop) {
        List<String> stops = new ArrayList<>(options.stop());
        if (format.isOwn()) {
            stops.addAll(ChatFormat.OWN_STOPS);
        }
        SamplingOptions now = options.withMaxTokens(Math.min(options.maxTokens(), contextLength - prompt.length))
            .withSeed(options.seed() + answers++)   // if all answers had one seed, equal prompts would get equal answers
            .withStop(stops.toArray(String[]::new));
        Generation generation = session.generate(prompt, now, new Generator.Listener() {
            @Override
            public void text(int sample, String text) {
                stream.accept(text);
            }
        }, stop);
        return generation.samples().get(0).text().orElse("");
    }

    /** The messages so far, without those that were dropped. */
    public List<Message> history() {
        return List.copyOf(history);
    }

    @Override
    public void close() {
        session.close();
    }
}
