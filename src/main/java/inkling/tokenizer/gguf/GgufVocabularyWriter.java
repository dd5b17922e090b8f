package inkling.tokenizer.gguf;

import inkling.errors.ModelFormatException;
import inkling.io.gguf.GgufValue;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeModel;
import inkling.tokenizer.bpe.BpeModel.SymbolKind;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.decode.Decoder;
import inkling.tokenizer.split.Metaspace;
import inkling.tokenizer.split.Nfc;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.RegexSplit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Makes the {@link GgufVocabulary} of one tokenizer. */
final class GgufVocabularyWriter {
    private static final String BLANK = "\u2581";
    /** The ids that llama.cpp's tokenizers {@code gpt2} and {@code llama} take for the end of a text if no key names one. */
    private static final int GPT2_END = 11;
    private static final int LLAMA_END = 2;

    private final Map<String, GgufValue> keys = new LinkedHashMap<>();
    private final List<String> remarks = new ArrayList<>();
    private final boolean likePhi3;
    private final List<String> texts = new ArrayList<>();     // the tokens, in the order of their ids
    private final List<Integer> types = new ArrayList<>();    // the kind of each token: GgufKeys.KIND_NORMAL …

    private GgufVocabularyWriter(boolean likePhi3) {
        this.likePhi3 = likePhi3;
    }

    /** As {@link GgufVocabulary#of}. */
    static GgufVocabulary write(Tokenizer tokenizer, byte[] document, SpecialIds special, OptionalInt padding, int rows) {
        GgufVocabularyWriter writer = new GgufVocabularyWriter(tokenizer instanceof BpeTokenizer bpe && KnownByName.isAsInPhi3(bpe));
        writer.putAll(tokenizer, special, padding, rows);
        writer.put(GgufKeys.DOCUMENT, GgufValue.text(new String(document, StandardCharsets.UTF_8)));
        return new GgufVocabulary(writer.keys, writer.remarks, writer.likePhi3);
    }

    private void putAll(Tokenizer tokenizer, SpecialIds special, OptionalInt padding, int rows) {
        if (tokenizer instanceof BpeTokenizer bpe) {
            if (bpe.model().symbols().kind() == SymbolKind.BYTES) {
                putBytes(bpe);
            } else {
                putCharacterMerges(bpe);
            }
            remarkOnAdded(bpe);
        } else {
            putSingleCharacters((CharTokenizer) tokenizer);
        }
        OptionalInt end = special.ends().stream().mapToInt(id -> id).filter(id -> id < rows).findFirst();
        pad(rows);
        put(GgufKeys.TOKENS, GgufValue.texts(texts));
        put(GgufKeys.TYPES, GgufValue.wholes(types.stream().mapToInt(type -> type).toArray()));
        putIds(tokenizer, special, padding, end, rows);
    }

    private void add(String text, int type) {
        texts.add(text);
        types.add(type);
    }

    private void put(String key, GgufValue value) {
        keys.put(key, value);
    }

    private void putBytes(BpeTokenizer tokenizer) {
        BpeModel model = tokenizer.model();
        GgufSplit split = GgufSplit.of(model).orElseThrow(() -> noGgufForm(("Inkling does not know what llama.cpp calls its way of"
            + " splitting text%s; Inkling knows the names for GPT-2, Llama 3, Qwen 2, StarCoder and DBRX")
            .formatted(model.split() instanceof PreTokenizer.Whole ? " (none)" : "")));
        if (model.decoder() != Decoder.BYTES) {
            throw noGgufForm("its symbols are bytes, but its decoder is not ByteLevel");
        }
        if (model.normalizer() instanceof Nfc) {
            remarks.add("llama.cpp does not bring text into Unicode's composed form (NFC), as this tokenizer does: text that is not"
                + " composed gets other ids in llama.cpp");
        } else if (model.normalizer() != Normalizer.NONE) {
            throw noGgufForm("llama.cpp has no normalizer for tokens of bytes");
        }
        put(GgufKeys.MODEL, GgufValue.text("gpt2"));
        put(GgufKeys.PRE, GgufValue.text(split.word()));
        addTokens(tokenizer);
        int size = tokenizer.vocabSize();
        put(GgufKeys.MERGES, GgufValue.texts(model.merges().stream().filter(m -> Math.max(m.merged(), Math.max(m.left(), m.right())) < size)
            .map(m -> model.tokens().get(m.left()) + " " + model.tokens().get(m.right())).toList()));
    }

    private void addTokens(BpeTokenizer tokenizer) {
        Map<Integer, BpeModel.AddedToken> added = new HashMap<>();
        tokenizer.model().added().forEach(token -> added.put(token.id(), token));
        String unknown = tokenizer.model().symbols().unknown().orElse("");
        List<String> ends = KnownByName.ends(tokenizer);
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            BpeModel.AddedToken addedToken = added.get(id);
            String text = tokenizer.token(id);
            if (addedToken == null && ends.contains(text) && KnownByName.isNeverMade(tokenizer, text)) {
                add("[UNUSED%d]".formatted(id), GgufKeys.KIND_UNUSED);    // llama.cpp would find the token in text, by its name
                continue;
            }
            add(text, text.equals(unknown) ? GgufKeys.KIND_UNKNOWN
                : addedToken != null && addedToken.special() ? GgufKeys.KIND_CONTROL
                : addedToken != null ? GgufKeys.KIND_USER_DEFINED : GgufKeys.KIND_NORMAL);
        }
    }

    /**
     * Writes a tokenizer of Llama 2's and Gemma's kind: tokens of characters, with ▁ for a blank, and bytes for characters without a token.
     */
    private void putCharacterMerges(BpeTokenizer tokenizer) {
        BpeModel model = tokenizer.model();
        requireCharacterMerges(tokenizer);
        put(GgufKeys.MODEL, GgufValue.text("llama"));
        put(GgufKeys.PRE, GgufValue.text("default"));
        put(GgufKeys.ADD_SPACE, GgufValue.flag(beginsWithBlank(model)));
        addTokens(tokenizer);
        float[] scores = new float[tokenizer.vocabSize()];
        int count = model.merges().size();
        for (int id = 0; id < scores.length; id++) {
            scores[id] = -count - 1;                            // a single character scores below every merged token
            if (types.get(id) == GgufKeys.KIND_NORMAL && isByte(texts.get(id))) {
                types.set(id, GgufKeys.KIND_BYTE);
            }
            if (types.get(id) != GgufKeys.KIND_NORMAL) {
                scores[id] = 0;
            }
        }
        for (int rank = count - 1; rank >= 0; rank--) {         // an earlier merge gives a higher score
            int merged = model.merges().get(rank).merged();
            if (merged < scores.length && types.get(merged) == GgufKeys.KIND_NORMAL) {
                scores[merged] = -rank;
            }
        }
        put(GgufKeys.SCORES, GgufValue.reals(scores));
    }

    /** Whether {@code token} is written like {@code <0x0A>}. */
    private static boolean isByte(String token) {
        return token.matches("<0x[0-9A-F]{2}>");
    }

    /**
     * Refuses a tokenizer of characters with a rule that llama.cpp does not have. llama.cpp does not split the text first. It joins any two
     * neighbours that together are a token, and begins with the token of the highest score.
     */
    private static void requireCharacterMerges(BpeTokenizer tokenizer) {
        BpeModel model = tokenizer.model();
        boolean bytes = IntStream.range(0, 256).allMatch(b -> tokenizer.id("<0x%02X>".formatted(b)).isPresent());
        if (model.symbols().kind() != SymbolKind.CHARACTERS_OR_BYTES || !bytes) {
            throw noGgufForm("llama.cpp needs a token for each byte (byte_fallback) if the other tokens are of characters");
        }
        if (model.symbols().wholePieces()) {
            throw noGgufForm("llama.cpp makes tokens of characters by merges alone, and this tokenizer has ignore_merges");
        }
        boolean cutsAtBlanks = model.split() instanceof Metaspace metaspace && metaspace.split();
        boolean tokenHasInnerBlank = model.vocabulary().keySet().stream().anyMatch(token -> token.lastIndexOf(BLANK) > 0);
        // the normalizer has replaced every space, so a split at spaces finds none
        boolean findsNoSpace = model.split() instanceof RegexSplit split && split.literal() && split.written().equals(" ");
        boolean knownSplit = model.split() instanceof PreTokenizer.Whole || model.split() instanceof Metaspace || findsNoSpace;
        if (!knownSplit || cutsAtBlanks && tokenHasInnerBlank) {
            throw noGgufForm("it splits text before it makes tokens of characters, and llama.cpp does not");
        }
    }

    private static ModelFormatException noGgufForm(String why) {
        return new ModelFormatException("This tokenizer has no GGUF form: " + why + ".");
    }

    /**
     * Whether the tokenizer puts a blank before a text. Adds a remark if llama.cpp puts blanks at more places than this tokenizer.
     *
     * @throws ModelFormatException for a normalizer that llama.cpp lacks
     */
    private boolean beginsWithBlank(BpeModel model) {
        Normalizer replace = new Normalizer.Replace(" ", BLANK);
        boolean unchanged = model.normalizer() == Normalizer.NONE;
        if (unchanged && model.split() instanceof Metaspace metaspace && metaspace.replacement().equals(BLANK)) {
            if (metaspace.scheme() != Metaspace.Scheme.NEVER) {
                remarks.add("llama.cpp puts a blank also before text that begins with one" + (metaspace.scheme() == Metaspace.Scheme.FIRST
                    ? ", and before text that follows a special token" : ""));
            }
            return metaspace.scheme() != Metaspace.Scheme.NEVER;
        }
        boolean prepends = model.normalizer().equals(new Normalizer.Steps(List.of(new Normalizer.Prepend(BLANK), replace)));
        if (!prepends && !model.normalizer().equals(replace) && !model.normalizer().equals(new Normalizer.Steps(List.of(replace)))) {
            throw noGgufForm("for tokens of characters, llama.cpp has one normalizer: it writes blanks as \u2581, and may put one before"
                + " a text");
        }
        return prepends;
    }

    /**
     * Writes one token for each character, for llama.cpp's tokenizer {@code rwkv}, which takes the longest token at each place. The
     * tokenizers {@code gpt2} and {@code llama} would take a fixed id for the end of a text ({@link #GPT2_END}, {@link #LLAMA_END}). Here
     * that id is an ordinary character.
     */
    private void putSingleCharacters(CharTokenizer tokenizer) {
        put(GgufKeys.MODEL, GgufValue.text("rwkv"));
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            StringBuilder text = new StringBuilder();
            for (byte b : tokenizer.bytes(id)) {
                text.append(b > ' ' && b < 0x7F && b != '\\' ? String.valueOf((char) b) : "\\x%02x".formatted(b & 0xFF));
            }
            add(text.toString(), GgufKeys.KIND_NORMAL);
        }
        remarks.add("llama.cpp has no token for a character that is not among the %d of this tokenizer; Inkling refuses such a text"
            .formatted(tokenizer.vocabSize()));
    }

    private void pad(int rows) {
        for (int id = texts.size(); id < rows; id++) {
            add("[PAD%d]".formatted(id), GgufKeys.KIND_UNUSED);
        }
    }

    private void putIds(Tokenizer tokenizer, SpecialIds special, OptionalInt padding, OptionalInt end, int rows) {
        boolean characters = tokenizer instanceof CharTokenizer;
        List<Integer> beginning = tokenizer.beginning();
        if (beginning.size() > 1) {
            throw noGgufForm("it begins a text with %d tokens, and llama.cpp with one at most".formatted(beginning.size()));
        }
        OptionalInt begin = beginning.isEmpty() ? special.start() : OptionalInt.of(beginning.get(0));
        begin.ifPresent(id -> put(GgufKeys.BEGIN, GgufValue.count(id)));
        end.ifPresent(id -> put(GgufKeys.END, GgufValue.count(id)));
        special.ends().stream().filter(id -> id < rows && id != end.orElse(-1)).findFirst()
            .ifPresent(id -> put(GgufKeys.END_OF_TURN, GgufValue.count(id)));
        padding.stream().filter(id -> id < rows).forEach(id -> put(GgufKeys.PADDING, GgufValue.count(id)));
        if (tokenizer instanceof BpeTokenizer bpe) {
            bpe.model().symbols().unknown().flatMap(token -> bpe.id(token).stream().boxed().findFirst())
                .ifPresent(id -> put(GgufKeys.UNKNOWN_ID, GgufValue.count(id)));
        }
        put(GgufKeys.ADD_BEGIN, GgufValue.flag(!beginning.isEmpty()));
        put(GgufKeys.ADD_END, GgufValue.flag(false));
        if (end.isEmpty() && !characters) {
            int taken = keys.get(GgufKeys.MODEL).value().equals("gpt2") ? GPT2_END : LLAMA_END;
            remarks.add("no token is known to end a text, so llama.cpp takes token %d (%s) for the end"
                .formatted(taken, tokenizer.vocabSize() > taken ? tokenizer.piece(taken) : "none"));
        }
    }

    /** Adds a remark for each reason why llama.cpp finds other added or special tokens in a text than this tokenizer. */
    private void remarkOnAdded(BpeTokenizer tokenizer) {
        List<String> withConditions = tokenizer.model().added().stream().filter(token -> token.id() < tokenizer.vocabSize())
            .filter(token -> !token.options().equals(BpeModel.MatchOptions.NONE)).map(BpeModel.AddedToken::content).toList();
        if (likePhi3) {
            remarks.add("this tokenizer takes all white space after a special token as part of it, llama.cpp only ASCII white space");
        } else if (!withConditions.isEmpty()) {
            remarks.add("llama.cpp ignores that these tokens include the white space beside them, or match only whole words: "
                + some(withConditions));
        }
        List<String> ends = KnownByName.ends(tokenizer).stream()
            .filter(token -> !KnownByName.isNeverMade(tokenizer, token)).toList();
        if (!ends.isEmpty()) {
            remarks.add("llama.cpp takes some tokens for ends of a text because of their names; in Inkling they are ordinary tokens: "
                + some(ends));
        }
        List<String> changed = tokenizer.model().added().stream().filter(BpeModel.AddedToken::normalized).map(BpeModel.AddedToken::content)
            .filter(token -> !tokenizer.model().normalizer().normalize(token).equals(token)).toList();
        if (!changed.isEmpty()) {
            remarks.add("llama.cpp finds added tokens in the text as it is written; this tokenizer finds these in the normalized text: "
                + some(changed));
        }
    }

    private static String some(List<String> tokens) {
        return String.join(", ", tokens.subList(0, Math.min(5, tokens.size()))) + (tokens.size() > 5 ? " \u2026" : "");
    }
}
