package inkling.serve.api;

import inkling.generate.Prompts;
import inkling.model.config.GptConfig;
import inkling.run.LoadedModel;
import inkling.serve.batch.Batcher;
import inkling.serve.batch.BatcherOptions;
import inkling.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model, the name that requests call it by, and the thread that owns it. Who opens it closes it; that closes the model, too. */
public final class ServedModel implements AutoCloseable {
    private final String name;
    private final LoadedModel model;
    private final Tokenizer tokenizer;
    private final Prompts prompts;
    private final ChatPrompts chat;
    private final Batcher batcher;
    private final long created = Created.now();

    /** @param model has a tokenizer; closed with this */
    public ServedModel(String name, LoadedModel model, BatcherOptions options) {
        this.name = name;
        this.model = model;
        this.tokenizer = model.requireTokenizer("serve");
        this.prompts = new Prompts(model.tokenText(), model.specialIds(), model.gpt().config().vocabSize());
        this.chat = ChatPrompts.of(model, tokenizer);
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

    /** For texts that are continued as they are. */
    public Prompts prompts() {
        return prompts;
    }

    public ChatPrompts chat() {
        return chat;
    }

    public Batcher batcher() {
        return batcher;
    }

    public GptConfig config() {
        return model.gpt().config();
    }

    /** The object of {@code /v1/models}; {@code meta} has the names that llama.cpp gives. */
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

    @Override
    public void close() {
        batcher.close();
        model.close();
    }
}
