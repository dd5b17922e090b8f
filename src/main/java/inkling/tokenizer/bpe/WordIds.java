package inkling.tokenizer.bpe;

import inkling.tokenizer.IntList;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** From a piece of text to its ids: its symbols, merged. Remembers short pieces. Safe for many threads. */
final class WordIds {
    private static final int CACHE_SLOTS = 1 << 16;
    private static final int LONGEST_CACHED = 40;

    /** What a piece became. Immutable, so that threads may share it without a lock. */
    private record Encoded(byte[] piece, int[] ids) {}

    private final BpeModel model;
    private final boolean[] special;
    private final Map<String, Integer> ids;
    private final Alphabet alphabet;
    private final Optional<Joints> joints;
    private final Merges merges;
    private final Encoded[] cache = new Encoded[CACHE_SLOTS];

    /** @param size ids from here on are not used */
    WordIds(BpeModel model, int size) {
        this.model = model;
        special = new boolean[model.tokens().size()];
        model.added().forEach(token -> special[token.id()] = token.special());
        ids = new HashMap<>(size * 2);
        for (int id = 0; id < size; id++) {
            ids.put(model.tokens().get(id), id);
        }
        Optional<int[]> bytes = model.symbols().kind() == BpeModel.Kind.CHARACTERS_OR_BYTES
            ? Optional.of(Alphabet.Characters.byteTokens().stream().mapToInt(this::symbol).toArray()) : Optional.empty();
        joints = model.symbols().wholePieces() ? Optional.empty() : joints(bytes);
        alphabet = alphabet(bytes, size);
        merges = new Merges(model.merges().size());
        for (int rank = 0; rank < model.merges().size(); rank++) {
            BpeModel.Merge merge = model.merges().get(rank);
            if (!special[merge.merged()]) { // what a user types must never become a special token
                merges.put(merge.left(), merge.right(), rank, merge.merged());
            }
        }
    }

    /** Where its characters can join, if that is known. */
    Optional<Joints> joints() {
        return joints;
    }

    /** Of a token, special ones included; {@link Alphabet#NONE} where there is none. */
    int id(String token) {
        return ids.getOrDefault(token, Alphabet.NONE);
    }

    /** Adds the ids of a piece to {@code out}; {@code missing} is told of characters that nothing stands for. */
    void add(byte[] utf8, int from, int to, IntList out, Alphabet.Missing missing) {
        int only = alphabet.only(utf8, from, to);
        if (only >= 0) {
            out.add(only);
            return;
        }
        alphabet.parts(utf8, from, to, (bytes, start, end) -> {
            int[] part = part(bytes, start, end, missing);
            out.addAll(part, part.length);
        });
    }

    private int[] part(byte[] utf8, int from, int to, Alphabet.Missing missing) {
        if (to - from > LONGEST_CACHED) {
            return merged(utf8, from, to, missing);
        }
        int slot = slot(utf8, from, to);
        Encoded known = cache[slot];
        if (known == null || !Arrays.equals(known.piece, 0, known.piece.length, utf8, from, to)) {
            boolean[] lacks = {false};
            known = new Encoded(Arrays.copyOfRange(utf8, from, to), merged(utf8, from, to, (bytes, at) -> {
                lacks[0] = true;
                missing.character(bytes, at);
            }));
            if (!lacks[0]) {
                cache[slot] = known;
            }
        }
        return known.ids;
    }

    private int[] merged(byte[] utf8, int from, int to, Alphabet.Missing missing) {
        int whole = model.symbols().wholePieces() ? whole(utf8, from, to) : Alphabet.NONE;
        if (whole >= 0) {
            return new int[] {whole};
        }
        int[] symbols = alphabet.symbols(utf8, from, to, missing);
        return Arrays.copyOf(symbols, merges.apply(symbols, symbols.length));
    }

    private static int slot(byte[] utf8, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + utf8[i];
        }
        return (hash * 0x9E3779B9) >>> 16;
    }

    /** The token that a piece is. */
    private int whole(byte[] utf8, int from, int to) {
        byte[] piece = Arrays.copyOfRange(utf8, from, to);
        boolean bytes = model.symbols().kind() == BpeModel.Kind.BYTES;
        return symbol(bytes ? ByteAlphabet.write(piece) : new String(piece, StandardCharsets.UTF_8));
    }

    private Alphabet alphabet(Optional<int[]> bytes, int size) {
        BpeModel.Symbols symbols = model.symbols();
        Alphabet.Unknown unknown = symbols.unknown().map(token -> new Alphabet.Unknown(id(token), symbols.fuseUnknown()))
            .orElse(Alphabet.Unknown.REFUSED);
        if (symbols.kind() == BpeModel.Kind.BYTES) {
            int[] all = IntStream.range(0, 256).map(b -> symbol(String.valueOf(ByteAlphabet.character(b)))).toArray();
            return new Alphabet.Bytes(all, unknown);
        }
        Alphabet.CodePoints characters = new Alphabet.CodePoints();
        for (int id = 0; id < size; id++) {
            String token = model.tokens().get(id);
            if (token.codePointCount(0, token.length()) == 1 && !special[id]) {
                characters.put(token.codePointAt(0), id);
            }
        }
        return new Alphabet.Characters(characters, bytes, unknown, joints);
    }

    /** Its id, where it is in the vocabulary and no mark: what a user types must never become a special token. */
    private int symbol(String token) {
        int id = id(token);
        return id >= 0 && special[id] ? Alphabet.NONE : id;
    }

    /** Known where a text's characters are symbols that stand for themselves alone, or are tokens of bytes, which never merge. */
    private Optional<Joints> joints(Optional<int[]> bytes) {
        if (bytes.isEmpty() || Arrays.stream(bytes.get()).anyMatch(id -> id < 0)) {
            return Optional.empty();
        }
        Set<Integer> ofBytes = Arrays.stream(bytes.get()).boxed().collect(Collectors.toSet());
        boolean merge = model.merges().stream().anyMatch(m -> ofBytes.contains(m.left()) || ofBytes.contains(m.right())
            || ofBytes.contains(m.merged()));
        return merge ? Optional.empty() : Optional.of(new Joints(model.tokens(), model.merges()));
    }
}
