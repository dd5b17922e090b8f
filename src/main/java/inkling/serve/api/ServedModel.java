package inkling.serve.api;

import inkling.data.source.DataConfig;
import inkling.errors.Problems;
import inkling.generate.Prompts;
import inkling.model.config.GptConfig;
import inkling.run.LoadedModel;
import inkling.serve.batch.Batcher;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.ApiFault;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model, the name that requests call it by, and the thread that owns it. The caller closes this object, which also closes the model. */
public final class ServedModel implements AutoCloseable {
    private final String name;
    private final LoadedModel model;
    /** The example that {@link #beginning} gives. It has a word twice, for the view that compares a word in two places. */
    private static final String EXAMPLE = "The old man looked at the child, and the child";

    private final Tokenizer tokenizer;
    private final Prompts prompts;
    private final Optional<String> remark;
    private final Optional<String> template;
    private final boolean chats;
    private final Batcher batcher;
    private final long created = Created.now();
    private final List<Runnable> whenClosed = new ArrayList<>();          // guards itself and closed
    private boolean closed;

    /** @param model must have a tokenizer; {@link #close} closes it */
    public ServedModel(String name, LoadedModel model, BatcherOptions options) {
        this.name = name;
        this.model = model;
        this.tokenizer = model.requireTokenizer("serve");
        this.prompts = new Prompts(model.tokenText(), model.specialIds(), model.gpt().config().vocabSize());
        this.template = model.chatTemplate().text();
        Optional<ChatPrompts> chat = new Problems().attempt(() -> ChatPrompts.of(prompts, template, LoadedModel.now()));
        this.remark = chat.isEmpty() ? Optional.of(name + " cannot chat: its vocabulary lacks the characters that mark who speaks.")
            : chat.get().remark();
        this.chats = chat.isPresent();
        this.batcher = new Batcher("decode-" + name, model.gpt(), model.tokenizer(), model.context(), options);
    }

    public String name() {
        return name;
    }

    public LoadedModel model() {
        return model;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** How the model reads a prompt that is not written as a conversation; it continues the prompt's text. */
    public Prompts prompts() {
        return prompts;
    }

    /**
     * How the model reads conversations. Made anew at each call, because some templates tell the model the present date.
     *
     * @throws ApiFault if Inkling's own form is used, and the vocabulary (e.g. one of single characters) cannot encode its marks
     */
    public ChatPrompts chat() {
        if (!chats) {
            throw ApiFault.field("messages", "This model cannot chat: its vocabulary lacks the characters that mark who speaks."
                + " /v1/completions continues texts.");
        }
        return ChatPrompts.of(prompts, template, LoadedModel.now());
    }

    /** Whether the model has a chat template, or was trained on conversations. */
    public boolean hasLearnedToConverse() {
        Optional<DataConfig.Format> learned = new Problems().attempt(model::dataFormat).flatMap(format -> format);
        return template.isPresent() || learned.filter(DataConfig.Format::teachesAnswers).isPresent();
    }

    /**
     * A text for the model to continue at first: the prompt of the samples of the model's run, if that has a letter; else an example; "" if
     * the model cannot read the example.
     */
    public String beginning() {
        Optional<String> own = new Problems().attempt(model::samplePrompt).flatMap(prompt -> prompt)
            .filter(prompt -> prompt.codePoints().anyMatch(Character::isLetter));
        return own.or(() -> new Problems().attempt(() -> tokenizer.encode(EXAMPLE)).map(ids -> EXAMPLE)).orElse("");
    }

    /** A line for the user if the model cannot chat, or if its own chat template cannot be used. */
    public Optional<String> chatRemark() {
        return remark;
    }

    /** The model's own template for conversations, as it was when the model was opened. */
    public Optional<String> chatTemplate() {
        return template;
    }

    public Batcher batcher() {
        return batcher;
    }

    public GptConfig config() {
        return model.gpt().config();
    }

    /** The model's object in {@code /v1/models}; the names in {@code meta} are those of llama.cpp. */
    public Map<String, Object> json() {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("n_ctx_train", config().contextLength());
        meta.put("n_vocab", config().vocabSize());
        meta.put("n_embd", config().nEmbd());
        meta.put("n_params", model.gpt().parameters().count());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", name);
        json.put("object", "model");
        json.put("created", created);
        json.put("owned_by", "inkling");
        json.put("meta", meta);
        return json;
    }

    /** Runs {@code what} in {@link #close}, after the model's thread has ended; at once if this is closed already. */
    public void whenClosed(Runnable what) {
        synchronized (whenClosed) {
            if (!closed) {
                whenClosed.add(what);
                return;
            }
        }
        what.run();
    }

    @Override
    public void close() {
        batcher.close();
        synchronized (whenClosed) {
            closed = true;
        }
        whenClosed.forEach(Runnable::run);
        model.close();
    }
}
