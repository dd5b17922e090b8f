package inkling.tokenizer.gguf;

import inkling.io.gguf.GgufMetadata;
import java.util.List;
import java.util.Optional;

/** The names of a tokenizer's keys in a GGUF file, and the numbers that stand for the kinds of tokens. */
public final class GgufKeys {
    /** The chat template, in Jinja. */
    public static final String TEMPLATE = "tokenizer.chat_template";
    /** The whole tokenizer.json, with the settings that no other key expresses. The name is from ggml's specification of GGUF. */
    static final String DOCUMENT = "tokenizer.huggingface.json";
    /** The kind of tokenizer, e.g. {@code gpt2} (tokens of bytes) or {@code llama} (tokens of characters). */
    static final String MODEL = "tokenizer.ggml.model";
    /** llama.cpp's name for the way in which a text is split before BPE, e.g. {@code llama-bpe} ({@link GgufSplit}). */
    static final String PRE = "tokenizer.ggml.pre";
    static final String TOKENS = "tokenizer.ggml.tokens";
    static final String TYPES = "tokenizer.ggml.token_type";
    static final String SCORES = "tokenizer.ggml.scores";
    static final String MERGES = "tokenizer.ggml.merges";
    static final String BEGIN = "tokenizer.ggml.bos_token_id";
    static final String END = "tokenizer.ggml.eos_token_id";
    static final String END_OF_TURN = "tokenizer.ggml.eot_token_id";
    static final String PADDING = "tokenizer.ggml.padding_token_id";
    static final String UNKNOWN_ID = "tokenizer.ggml.unknown_token_id";
    static final String ADD_BEGIN = "tokenizer.ggml.add_bos_token";
    static final String ADD_END = "tokenizer.ggml.add_eos_token";
    static final String ADD_SPACE = "tokenizer.ggml.add_space_prefix";

    /**
     * The kinds of token in {@link #TYPES}. A user-defined token is ordinary text, but like a special token it is found as a whole before
     * the text is split.
     */
    static final int KIND_NORMAL = 1;
    static final int KIND_UNKNOWN = 2;
    static final int KIND_CONTROL = 3;
    static final int KIND_USER_DEFINED = 4;
    static final int KIND_UNUSED = 5;
    static final int KIND_BYTE = 6;

    private GgufKeys() {}

    /** The id that begins a text; empty if the file names none. */
    public static Optional<Integer> begin(GgufMetadata metadata) {
        return id(metadata, BEGIN);
    }

    /** The ids that end a text, or a turn in a conversation. */
    public static List<Integer> ends(GgufMetadata metadata) {
        return List.of(END, END_OF_TURN).stream().flatMap(key -> id(metadata, key).stream()).distinct().toList();
    }

    static Optional<Integer> id(GgufMetadata metadata, String key) {
        return metadata.count(key).stream().boxed().findFirst();
    }
}
