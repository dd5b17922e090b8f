package inkling.tokenizer.bpe;

import inkling.io.json.JsonFields;
import inkling.tokenizer.IntList;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.TokenStream;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.UnknownCharacters;
import inkling.tokenizer.decode.Decoder;
import inkling.tokenizer.decode.DecoderStream;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.TextPlace;
import inkling.tokenizer.split.UnicodeTable;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Byte-pair encoding, compatible with GPT-2 and with Hugging Face's {@code tokenizers}. The text is split into pieces. Each piece becomes a
 * list of symbols: UTF-8 bytes or characters. Then neighbouring symbols merge. The rank of a pair is its place in the list of merges. The
 * pair of the lowest rank merges first. {@code BpeTokenizer.gpt2().encode("Hello world")} is {@code [15496, 995]}. Safe for use by many
 * threads.
 *
 * <p>A lone surrogate is no Unicode character and has no UTF-8 form: it is encoded as U+FFFD. Any other text comes back unchanged from
 * decoding, unless the tokenizer normalizes text, adds or removes characters, or has an {@code unk_token} (docs/fine-tuning.md).
 * Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2.
 */
public final class BpeTokenizer implements Tokenizer {
    /** How a stretch of text is normalized and split before its pieces are encoded. */
    record Preparation(Normalizer normalizer, PreTokenizer split) {}

    private final String source;
    private final BpeModel model;
    private final int size;   // only ids below this number are used
    private final byte[][] bytes;   // of each id; empty unless the decoder is ByteLevel
    private final boolean[] special;
    private final PieceEncoder pieces;
    private final Map<TextPlace, Preparation> preparations = new EnumMap<>(TextPlace.class);
    private final AddedTokens added;
    private final AddedTokens addedInPlainText;
    private final SafeCuts cuts;

    /** @param source the name of the tokenizer in messages, e.g. its file */
    public BpeTokenizer(String source, BpeModel model) {
        this(source, model, model.tokens().size());
    }

    private BpeTokenizer(String source, BpeModel model, int size) {
        this.source = source;
        this.model = model;
        this.size = size;
        bytes = model.decoder() instanceof Decoder.ByteLevel ? model.bytes(source) : new byte[0][];
        special = new boolean[model.tokens().size()];
        model.added().forEach(token -> special[token.id()] = token.special());
        pieces = new PieceEncoder(model, size);
        for (TextPlace place : TextPlace.values()) {
            preparations.put(place, new Preparation(model.normalizer().at(place), model.split().at(place)));
        }
        List<BpeModel.AddedToken> tokens = model.added().stream().filter(token -> token.id() < size).toList();
        added = new AddedTokens(source, tokens, model.normalizer());
        cuts = new SafeCuts(model.normalizer(), model.split(), added, pieces.joinable());
        addedInPlainText = new AddedTokens(source, tokens.stream().filter(token -> !token.special()).toList(), model.normalizer());
    }

    /** GPT-2's own vocabulary of 50,257 tokens. */
    public static BpeTokenizer gpt2() {
        return Gpt2Tokenizer.TOKENIZER;
    }

    @Override
    public int[] encode(String text) {
        return new Encoding(text, added).run(TextPlace.START);
    }

    @Override
    public int[] encodePlain(String text) {
        return new Encoding(text, addedInPlainText).run(TextPlace.START);
    }

    @Override
    public MarkedIds encode(MarkedText text) {
        MarkedText clean = new MarkedText(withoutLoneSurrogates(text.text()), text.runs());
        return new MarkedEncoding(model, pieces, added, preparations).of(clean);
    }

    @Override
    public Map<String, String> namedTokens() {
        return model.settings().named();
    }

    @Override
    public int[] encodeRest(String text) {
        return new Encoding(text, added).run(TextPlace.WITHIN);
    }

    /** A special token becomes its own text, e.g. {@code <|endoftext|>}, so that {@code decode(encode(x)) = x} holds for it too. */
    @Override
    public String decode(int[] ids) {
        Optional<TokenStream> stream = stream(TextPlace.START);
        if (stream.isPresent()) {
            StringBuilder text = new StringBuilder(ids.length * 4);
            for (int id : ids) {
                text.append(stream.get().next(token(id)));
            }
            return text.append(stream.get().end()).toString();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(ids.length * 4);
        for (int id : ids) {
            out.writeBytes(bytes[checked(id)]);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<TokenStream> stream(TextPlace place) {
        return model.decoder() instanceof Decoder.Steps steps ? Optional.of(new DecoderStream(steps, place)) : Optional.empty();
    }

    @Override
    public byte[] bytes(int id) {
        if (special[checked(id)]) {
            return new byte[0];
        }
        return model.decoder() instanceof Decoder.Steps steps ? steps.bytes(token(id)) : bytes[id].clone();
    }

    @Override
    public String token(int id) {
        return model.tokens().get(checked(id));
    }

    @Override
    public OptionalInt id(String token) {
        int id = pieces.id(token);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public int vocabSize() {
        return size;
    }

    @Override
    public OptionalInt endOfText() {
        return id(BpeModel.END_OF_TEXT);
    }

    @Override
    public Optional<String> unicode() {
        return model.split().usesCategories() ? Optional.of(UnicodeTable.VERSION) : Optional.empty();
    }

    @Override
    public OptionalInt endToken() {
        return model.settings().token("eos_token").map(this::id).orElse(OptionalInt.empty());
    }

    @Override
    public List<Integer> beginning() {
        return model.postProcessor().map(json -> PostProcessor.beginning(JsonFields.of(source + ": post_processor", json), size))
            .orElse(List.of());
    }

    @Override
    public int safeCut(String text) {
        return cuts.last(text);
    }

    @Override
    public Optional<Tokenizer> within(int rows) {
        long beyond = model.added().stream().filter(token -> token.id() >= rows && !token.inVocabulary()).count();
        boolean addedAlone = beyond == model.tokens().size() - rows;
        return size <= rows || !addedAlone ? Tokenizer.super.within(rows) : Optional.of(new BpeTokenizer(source, model, rows));
    }

    public BpeModel model() {
        return model;
    }

    private int checked(int id) {
        if (id < 0 || id >= size) {
            throw new IllegalArgumentException("id %d is outside the vocabulary of %d tokens.".formatted(id, size));
        }
        return id;
    }

    /** The encoding of one text. */
    private final class Encoding implements PreTokenizer.PieceSink, InitialSymbols.Missing {
        private final byte[] raw;
        private final AddedTokens added;
        private final IntList out;
        private final UnknownCharacters unknown = new UnknownCharacters();
        private int counted;       // the bytes of raw before this index are counted
        private long codePoints;   // how many code points begin in these bytes

        Encoding(String text, AddedTokens added) {
            this.raw = withoutLoneSurrogates(text).getBytes(StandardCharsets.UTF_8);
            this.added = added;
            this.out = new IntList(raw.length / 3);
        }

        /** @param place START, or WITHIN if the text continues one that is already encoded */
        int[] run(TextPlace place) {
            added.raw().find(raw, 0, raw.length, new AddedTokenFinder.Sink() {
                @Override
                public void text(int from, int to) {
                    prepare(from == 0 ? place : TextPlace.LATER, from, to);
                }

                @Override
                public void token(BpeModel.AddedToken token, int from, int to) {
                    out.add(token.id());
                }
            });
            unknown.throwIfAny(model.symbols().kind() == BpeModel.SymbolKind.BYTES ? "Use a vocabulary with all 256 bytes, or other text."
                : "Use a vocabulary with <0x00> to <0xFF> and byte_fallback, or other text.");
            return out.toArray();
        }

        /** Normalizes and splits the text between two added tokens, and encodes its pieces. */
        private void prepare(TextPlace place, int from, int to) {
            Normalizer.Span span = preparations.get(place).normalizer.normalize(new Normalizer.Span(raw, from, to));
            added.normalized().find(span.utf8(), span.from(), span.to(), new AddedTokenFinder.Sink() {
                @Override
                public void text(int from, int to) {
                    preparations.get(from == span.from() ? place : TextPlace.LATER).split.split(span.utf8(), from, to, Encoding.this);
                }

                @Override
                public void token(BpeModel.AddedToken token, int from, int to) {
                    out.add(token.id());
                }
            });
        }

        @Override
        public void piece(byte[] utf8, int from, int to) {
            pieces.add(utf8, from, to, out, this);
        }

        @Override
        public void character(byte[] utf8, int at) {
            unknown.add(Gpt2Split.codePoint(utf8, at), utf8 == raw ? codePointsBefore(at) : UnknownCharacters.NOWHERE);
        }

        /** How many code points of {@code raw} begin before {@code at}, which must not be smaller than in the call before. */
        private long codePointsBefore(int at) {
            for (; counted < at; counted++) {
                codePoints += (raw[counted] & 0xC0) == 0x80 ? 0 : 1;
            }
            return codePoints;
        }
    }

    private static String withoutLoneSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return text.codePoints().map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
            }
        }
        return text;
    }
}
