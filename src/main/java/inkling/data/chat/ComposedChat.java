package inkling.data.chat;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.io.Sha256;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Encodes the messages of a conversation one by one, in Inkling's own form or in one of the forms that version 0.1 knew.
 *
 * <p>Inkling never adds tokens to a vocabulary, so its own form works without chat tokens. Each message is a line with the role's
 * marker, then the content and a line end. A model learns each answer's content and its end, so that it stops there. The end is
 * {@code <|endoftext|>} or the model's own end token ({@link SpecialIds#between}). If there is none, the end is the text {@code <|end|>}.
 * What is learned is bold here:
 * <pre>
 * &lt;|system|>\nBe brief.\n&lt;|user|>\nHello?\n&lt;|assistant|>\n<b>Hello.&lt;|endoftext|></b>\n
 * </pre>
 * Markers are ordinary text unless the vocabulary has them as tokens. Contents are always ordinary text: what a user types never becomes a
 * special token.
 *
 * <p>Version 0.1 ran no {@code chat_template}; it knew the forms of a few templates by their hashes. Runs that version 0.1 began keep these
 * forms.
 */
final class ComposedChat implements ChatFormat {
    /**
     * A message as ids. In an answer of the assistant, the ids at {@code learnedFrom … learnedTo − 1} are learned. In other messages both
     * are 0.
     */
    record Turn(Role role, int[] ids, int learnedFrom, int learnedTo) {}

    private enum Style {
        INKLING(List.of()),
        CHATML(List.of("<|im_start|>", "<|im_end|>")),
        SMOLLM2(List.of("<|im_start|>", "<|im_end|>")),
        LLAMA2(List.of("<s>", "</s>")),
        LLAMA3(List.of("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"));

        private final List<String> tokens;

        Style(List<String> tokens) {
            this.tokens = tokens;
        }
    }

    /**
     * SHA-256 of the known templates. Before hashing, they are stripped, and each line end is written as backslash and n. Sources:
     * tokenizer_config.json of OpenHermes-2.5, SmolLM2-Instruct, Llama-2-chat and Meta-Llama-3-Instruct; the Transformers documentation.
     */
    private static final Map<String, Style> KNOWN = Map.of(
        "fcf7a096fe99a48fd9ad2b250bf9237e96e8f48bffec1c7ea4d3f225176cd40e", Style.CHATML,
        "d7b5b8c7b58f7a6bf868aa46a5f73ee976d7292f40fcb9c3e7a1defd8d235cfb", Style.CHATML,
        "de9cde7d1b0ca0cc87459a6673e0d12fb89c070bdb24e4a30b6e4d187b226221", Style.SMOLLM2,
        "e8d5b5a546d3f19df16a5320c614fab05bdc4edd50e850f1afd947b503ea41cf", Style.LLAMA2,
        "7fcbb4353f3f484117a3dd8fcf597b435ab2d68cf856fd27acf69bb97c170793", Style.LLAMA2,
        "4f46ecd43418f216df8c26936c60e5d04bcc81db47db5d86fbe889f64212dd4c", Style.LLAMA3,
        "b75e17085cfc511ead6d4fab84b86ab3c168ec7a332568a91d0889cdcba94394", Style.LLAMA3);
    private static final String SMOLLM2_SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";
    private final Style style;
    private final Tokenizer tokenizer;
    private final SpecialIds special;

    private ComposedChat(Style style, Tokenizer tokenizer, SpecialIds special) {
        this.style = style;
        this.tokenizer = tokenizer;
        this.special = special;
    }

    /** Inkling's own form. */
    static ComposedChat own(Tokenizer tokenizer, SpecialIds special) {
        return new ComposedChat(Style.INKLING, tokenizer, special);
    }

    /** A conversation in Inkling's own form as text. Each answer ends with {@link #PLAIN_END}. */
    static String text(List<Message> messages) {
        StringBuilder text = new StringBuilder();
        messages.forEach(m -> text.append("<|").append(m.role().word()).append("|>\n").append(m.content())
            .append(m.role() == Role.ASSISTANT ? PLAIN_END : "").append('\n'));
        return text.toString();
    }

    /**
     * Chooses as version 0.1 did: the form whose template is {@code chatTemplate}, if the vocabulary has its tokens. Else chooses Inkling's
     * own form, with a remark if there is a template.
     */
    static Choice known(Tokenizer tokenizer, SpecialIds special, Optional<String> chatTemplate) {
        ChatFormat own = new ComposedChat(Style.INKLING, tokenizer, special);
        if (chatTemplate.isEmpty()) {
            return new Choice(own, Optional.empty());
        }
        Style style = KNOWN.getOrDefault(Sha256.of(chatTemplate.get().strip().replace("\n", "\\n")), Style.INKLING);
        if (style == Style.INKLING) {
            return new Choice(own, Optional.of("the model's chat_template is not one of those known here (ChatML, Llama 2,"
                + " Llama 3): conversations have Inkling's own form, with <|user|> and <|assistant|> lines"));
        }
        Optional<String> missing = style.tokens.stream().filter(token -> tokenizer.id(token).isEmpty()).findFirst();
        if (missing.isPresent()) {
            return new Choice(own, Optional.of("the model's chat_template needs the token %s, which its vocabulary lacks:"
                .formatted(missing.get()) + " conversations have Inkling's own form"));
        }
        return new Choice(new ComposedChat(style, tokenizer, special), Optional.empty());
    }

    /**
     * The messages as ids, in order. SmolLM2's form may add a system message. Llama 2's form merges the system message with the
     * message after it.
     */
    List<Turn> turns(List<Message> messages) {
        List<Turn> turns = new ArrayList<>();
        boolean system = !messages.isEmpty() && messages.get(0).role() == Role.SYSTEM;
        if (style == Style.SMOLLM2 && !system) {
            turns.add(turn(new Message(Role.SYSTEM, SMOLLM2_SYSTEM), true, Optional.empty()));
        }
        for (int i = 0; i < messages.size(); i++) {
            boolean merged = style == Style.LLAMA2 && system && i < 2;
            if (!merged || i == 1) {
                turns.add(turn(messages.get(i), i == 0, merged ? Optional.of(messages.get(0).content()) : Optional.empty()));
            }
        }
        return turns;
    }

    @Override
    public MarkedIds encode(List<Message> messages, int first) {
        IntStream.Builder ids = IntStream.builder();
        IntStream.Builder marks = IntStream.builder();
        List<Turn> turns = turns(messages);
        int learnedTurns = messages.size() - first;   // counted from the end: a form may add or merge turns at the beginning
        for (int k = 0; k < turns.size(); k++) {
            Turn turn = turns.get(k);
            for (int i = 0; i < turn.ids.length; i++) {
                boolean learned = k >= turns.size() - learnedTurns && i >= turn.learnedFrom && i < turn.learnedTo;
                ids.add(turn.ids[i]);
                marks.add(learned ? MarkedText.LEARNED : 0);
            }
        }
        return new MarkedIds(ids.build().toArray(), marks.build().toArray());
    }

    @Override
    public int[] prompt(List<Message> messages) {
        return join(encode(messages).ids(), opening(Role.ASSISTANT, messages.isEmpty()).toArray());
    }

    @Override
    public Optional<String> obstacle(String key) {
        return Optional.of((style == Style.INKLING ? "conversations have Inkling's own form here, which"
            : "conversations are composed here without the model's own template, in a form that") + " has no place for it.");
    }

    @Override
    public ChatFormat with(JsonNode tools) {
        throw new IllegalArgumentException("this form has no tools");
    }

    @Override
    public boolean isOwn() {
        return style == Style.INKLING;
    }

    @Override
    public int[] answerEnd() {
        return switch (style) {
            case INKLING -> special.between().isPresent() ? new int[] {special.between().getAsInt()} : marker(PLAIN_END);
            case CHATML, SMOLLM2 -> marker("<|im_end|>");
            case LLAMA2 -> marker("</s>");
            case LLAMA3 -> marker("<|eot_id|>");
        };
    }

    private Turn turn(Message message, boolean first, Optional<String> system) {
        int[] opening = opening(message.role(), first).toArray();
        int[] content = tokenizer.encodePlain(content(message, system));
        boolean answer = message.role() == Role.ASSISTANT;
        int[] end = answer || style == Style.CHATML || style == Style.SMOLLM2 || style == Style.LLAMA3 ? answerEnd() : new int[0];
        int[] after = style == Style.INKLING || style == Style.CHATML || style == Style.SMOLLM2 ? tokenizer.encodePlain("\n") : new int[0];
        int[] ids = join(opening, content, end, after);
        return new Turn(message.role(), ids, answer ? opening.length : 0, answer ? ids.length - after.length : 0);
    }

    /** The ids before a message's content. */
    private IntStream opening(Role role, boolean first) {
        return IntStream.of(switch (style) {
            case INKLING -> join(first ? special.withBeginning(new int[0]) : new int[0], line("<|" + role.word() + "|>"));
            case CHATML, SMOLLM2 -> join(marker("<|im_start|>"), tokenizer.encodePlain(role.word() + "\n"));
            case LLAMA2 -> role == Role.ASSISTANT ? new int[0] : marker("<s>");
            case LLAMA3 -> join(first ? marker("<|begin_of_text|>") : new int[0], marker("<|start_header_id|>"),
                tokenizer.encodePlain(role.word()), marker("<|end_header_id|>"), tokenizer.encodePlain("\n\n"));
        });
    }

    private String content(Message message, Optional<String> system) {
        return switch (style) {
            case INKLING, CHATML, SMOLLM2 -> message.content();
            case LLAMA3 -> message.content().strip();
            case LLAMA2 -> {
                String whole = system.map(text -> "<<SYS>>\n" + text + "\n<</SYS>>\n\n").orElse("") + message.content();
                yield message.role() == Role.ASSISTANT ? " " + message.content().strip() + " " : "[INST] " + whole.strip() + " [/INST]";
            }
        };
    }

    private int[] line(String marker) {
        return tokenizer.id(marker).isPresent() ? join(marker(marker), tokenizer.encodePlain("\n")) : tokenizer.encodePlain(marker + "\n");
    }

    private int[] marker(String text) {
        OptionalInt id = tokenizer.id(text);
        return id.isPresent() ? new int[] {id.getAsInt()} : tokenizer.encodePlain(text);
    }

    private static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }
}
