package inkling.tokenizer.bpe;

import inkling.errors.ConfigException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.IntList;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.UnknownCharacters;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.UnicodeTable;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Byte-level byte-pair encoding, compatible with GPT-2 and with Hugging Face's {@code tokenizers}: the text's UTF-8 bytes are cut into
 * pieces, and in each piece neighbours merge, lowest rank first. {@code BpeTokenizer.gpt2().encode("Hello world")} is
 * {@code [15496, 995]}. Safe for many threads.
 *
 * <p>A lone surrogate is no Unicode character and has no UTF-8 form: it is encoded as U+FFFD. All other strings come back as they were.
 * Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2.
 */
public final class BpeTokenizer implements Tokenizer {
    private static final int CACHE_SLOTS = 1 << 16;
    private static final int LONGEST_CACHED = 40;

    /** What a piece became. Immutable, so that threads may share it without a lock. */
    private record Encoded(byte[] piece, int[] ids) {}

    private final String source;
    private final BpeModel model;
    private final byte[][] bytes;
    private final boolean[] special;
    private final Map<String, Integer> ids = new HashMap<>();
    private final int[] idOfByte = new int[256]; // -1 where the vocabulary lacks it
    private final boolean allBytes;
    private final Merges merges;
    private final List<AddedTokens> marks;      // in the order in which they are looked for
    private final List<AddedTokens> plainMarks;
    private final boolean spaceInMark;
    private final Encoded[] cache = new Encoded[CACHE_SLOTS];

    public BpeTokenizer(String source, BpeModel model) {
        this.source = source;
        this.model = model;
        bytes = model.bytes(source);
        special = new boolean[bytes.length];
        model.added().forEach(token -> special[token.id()] = token.special());
        for (int id = 0; id < bytes.length; id++) {
            ids.put(model.tokens().get(id), id);
        }
        for (int b = 0; b < 256; b++) {
            int id = ids.getOrDefault(String.valueOf(ByteAlphabet.character(b)), -1);
            idOfByte[b] = id >= 0 && special[id] ? -1 : id;
        }
        allBytes = Arrays.stream(idOfByte).allMatch(id -> id >= 0);
        merges = new Merges(model.merges().size());
        for (int rank = 0; rank < model.merges().size(); rank++) {
            BpeModel.Merge merge = model.merges().get(rank);
            if (!special[merge.merged()]) { // what a user types must never become a special token
                merges.put(merge.left(), merge.right(), rank, merge.merged());
            }
        }
        spaceInMark = model.added().stream().flatMapToInt(token -> token.content().codePoints())
            .anyMatch(c -> Gpt2Split.kindOf(c) == Gpt2Split.SPACE);
        marks = marks(model.added());
        plainMarks = marks(model.added().stream().filter(token -> !token.special()).toList());
    }

    /** GPT-2's own vocabulary of 50,257 tokens. */
    public static BpeTokenizer gpt2() {
        return Gpt2Vocabulary.TOKENIZER;
    }

    @Override
    public int[] encode(String text) {
        return new Encoding(text, marks).run();
    }

    @Override
    public int[] encodePlain(String text) {
        return new Encoding(text, plainMarks).run();
    }

    /** Special tokens are written out as the text that stands for them, so that {@code decode(encode(x)) = x} for them too. */
    @Override
    public String decode(int[] ids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(ids.length * 4);
        for (int id : ids) {
            out.writeBytes(bytes[checked(id)]);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int id) {
        return special[checked(id)] ? new byte[0] : bytes[id].clone();
    }

    @Override
    public String token(int id) {
        return model.tokens().get(checked(id));
    }

    @Override
    public OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public int vocabSize() {
        return bytes.length;
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
        return model.postProcessor().map(json -> PostProcessor.beginning(JsonFields.of(source + ": post_processor", json), vocabSize()))
            .orElse(List.of());
    }

    @Override
    public int safeCut(String text) {
        return spaceInMark ? 0 : model.split().safeCut(text);
    }

    public BpeModel model() {
        return model;
    }

    private int checked(int id) {
        if (id < 0 || id >= bytes.length) {
            throw new IllegalArgumentException("id %d is outside the vocabulary of %d tokens.".formatted(id, bytes.length));
        }
        return id;
    }

    private static List<AddedTokens> marks(List<BpeModel.AddedToken> tokens) {
        return java.util.stream.Stream.of(false, true)
            .map(normalized -> new AddedTokens(tokens.stream().filter(t -> t.normalized() == normalized).toList()))
            .filter(group -> !group.isEmpty()).toList();
    }

    /** One text on its way to ids. */
    private final class Encoding implements PreTokenizer.Pieces {
        private final byte[] utf8;
        private final List<AddedTokens> marks;
        private final IntList out;
        private final UnknownCharacters unknown = new UnknownCharacters();
        private int counted;
        private long codePoints;

        Encoding(String text, List<AddedTokens> marks) {
            this.utf8 = withoutLoneSurrogates(text).getBytes(StandardCharsets.UTF_8);
            this.marks = marks;
            this.out = new IntList(utf8.length / 3);
        }

        int[] run() {
            segment(0, 0, utf8.length);
            unknown.throwIfAny("Use a vocabulary with all 256 bytes, or other text.");
            return out.toArray();
        }

        /** Cuts {@code [from, to)} at the added tokens of this group, what lies between them at the next group's, the rest in pieces. */
        private void segment(int group, int from, int to) {
            if (group == marks.size()) {
                if (allBytes || allKnown(from, to)) {
                    model.split().split(utf8, from, to, this);
                }
                return;
            }
            AddedTokens tokens = marks.get(group);
            int at = from;
            for (long found = tokens.next(utf8, at, to); found != AddedTokens.NONE; found = tokens.next(utf8, at, to)) {
                int start = (int) (found >>> 32);
                segment(group + 1, at, start);
                out.add(tokens.id((int) found));
                at = start + tokens.length((int) found);
            }
            segment(group + 1, at, to);
        }

        @Override
        public void piece(int from, int to) {
            int length = to - from;
            if (length == 1) {
                out.add(idOfByte[utf8[from] & 0xFF]);
                return;
            }
            if (length > LONGEST_CACHED) {
                int[] symbols = symbols(from, to);
                out.addAll(symbols, merged(symbols, from, to));
                return;
            }
            int slot = slot(from, to);
            Encoded known = cache[slot];
            if (known == null || !Arrays.equals(known.piece, 0, known.piece.length, utf8, from, to)) {
                int[] symbols = symbols(from, to);
                known = new Encoded(Arrays.copyOfRange(utf8, from, to), Arrays.copyOf(symbols, merged(symbols, from, to)));
                cache[slot] = known;
            }
            out.addAll(known.ids, known.ids.length);
        }

        /** Some small vocabularies lack bytes that their training text had not. */
        private boolean allKnown(int from, int to) {
            boolean known = true;
            for (int at = from, end; at < to; at = end) {
                end = at + Gpt2Split.length(utf8[at]);
                for (int i = at; i < end; i++) {
                    if (idOfByte[utf8[i] & 0xFF] < 0) {
                        unknown.add(Gpt2Split.codePoint(utf8, at), codePointsBefore(at));
                        known = false;
                        break;
                    }
                }
            }
            return known;
        }

        /** Called for places further and further on. */
        private long codePointsBefore(int at) {
            for (; counted < at; counted++) {
                codePoints += (utf8[counted] & 0xC0) == 0x80 ? 0 : 1;
            }
            return codePoints;
        }

        private int slot(int from, int to) {
            int hash = 0;
            for (int i = from; i < to; i++) {
                hash = hash * 31 + utf8[i];
            }
            return (hash * 0x9E3779B9) >>> 16;
        }

        private int[] symbols(int from, int to) {
            int[] symbols = new int[to - from];
            for (int i = from; i < to; i++) {
                symbols[i - from] = idOfByte[utf8[i] & 0xFF];
            }
            return symbols;
        }

        private int merged(int[] symbols, int from, int to) {
            if (model.wholePieces()) {
                Integer whole = ids.get(ByteAlphabet.write(Arrays.copyOfRange(utf8, from, to)));
                if (whole != null && !special[whole]) {
                    symbols[0] = whole;
                    return 1;
                }
            }
            return merges.apply(symbols, symbols.length);
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
