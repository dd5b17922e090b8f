package inkling.tokenizer.bpe;

import inkling.tokenizer.IntList;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Encodes a piece of text: turns it into symbols and merges them. Caches the ids of short pieces. Safe for use by many threads. */
final class PieceEncoder {
    private static final int CACHE_SLOTS = 1 << 16;
    private static final int LONGEST_CACHED = 40;   // bytes

    /** A piece and its ids. Immutable, so that threads may share it without a lock. */
    private record EncodedPiece(byte[] piece, int[] ids) {}

    private final BpeModel model;
    private final boolean[] special;
    private final Map<String, Integer> ids;
    private final InitialSymbols symbols;
    private final Optional<JoinableCharacters> joinable;
    private final Merges merges;
    private final EncodedPiece[] cache = new EncodedPiece[CACHE_SLOTS];

    /** @param size only ids below this number are used */
    PieceEncoder(BpeModel model, int size) {
        this.model = model;
        special = new boolean[model.tokens().size()];
        model.added().forEach(token -> special[token.id()] = token.special());
        ids = new HashMap<>(size * 2);
        for (int id = 0; id < size; id++) {
            ids.put(model.tokens().get(id), id);
        }
        Optional<int[]> bytes = model.symbols().kind() == BpeModel.SymbolKind.CHARACTERS_OR_BYTES
            ? Optional.of(InitialSymbols.Characters.byteTokens().stream().mapToInt(this::symbol).toArray()) : Optional.empty();
        joinable = model.symbols().wholePieces() ? Optional.empty() : joinable(bytes);
        symbols = initialSymbols(bytes, size);
        merges = new Merges(model.merges().size());
        for (int rank = 0; rank < model.merges().size(); rank++) {
            BpeModel.Merge merge = model.merges().get(rank);
            if (!special[merge.merged()]) { // what a user types must never become a special token
                merges.put(merge.left(), merge.right(), rank, merge.merged());
            }
        }
    }

    /** The pairs of characters that a merge can join; empty if that is not known, or if a piece may become a token without merges. */
    Optional<JoinableCharacters> joinable() {
        return joinable;
    }

    /** The id of a token, which may be special; {@link InitialSymbols#NONE} if it has none. */
    int id(String token) {
        return ids.getOrDefault(token, InitialSymbols.NONE);
    }

    /** Adds the ids of a piece to {@code out}. {@code missing} receives each character that has no id, not even an unknown token's. */
    void add(byte[] utf8, int from, int to, IntList out, InitialSymbols.Missing missing) {
        int only = symbols.only(utf8, from, to);
        if (only >= 0) {
            out.add(only);
            return;
        }
        symbols.parts(utf8, from, to, (bytes, start, end) -> {
            int[] part = part(bytes, start, end, missing);
            out.addAll(part, part.length);
        });
    }

    private int[] part(byte[] utf8, int from, int to, InitialSymbols.Missing missing) {
        if (to - from > LONGEST_CACHED) {
            return merged(utf8, from, to, missing);
        }
        int slot = slot(utf8, from, to);
        EncodedPiece known = cache[slot];
        if (known == null || !Arrays.equals(known.piece, 0, known.piece.length, utf8, from, to)) {
            boolean[] lacks = {false};
            known = new EncodedPiece(Arrays.copyOfRange(utf8, from, to), merged(utf8, from, to, (bytes, at) -> {
                lacks[0] = true;
                missing.character(bytes, at);
            }));
            if (!lacks[0]) {
                cache[slot] = known;
            }
        }
        return known.ids;
    }

    private int[] merged(byte[] utf8, int from, int to, InitialSymbols.Missing missing) {
        int whole = model.symbols().wholePieces() ? whole(utf8, from, to) : InitialSymbols.NONE;
        if (whole >= 0) {
            return new int[] {whole};
        }
        int[] ids = symbols.symbols(utf8, from, to, missing);
        return Arrays.copyOf(ids, merges.apply(ids, ids.length));
    }

    private static int slot(byte[] utf8, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + utf8[i];
        }
        return (hash * 0x9E3779B9) >>> 16;
    }

    /** The id of the token that equals the piece and is not special, or NONE. */
    private int whole(byte[] utf8, int from, int to) {
        byte[] piece = Arrays.copyOfRange(utf8, from, to);
        boolean bytes = model.symbols().kind() == BpeModel.SymbolKind.BYTES;
        return symbol(bytes ? ByteAlphabet.write(piece) : new String(piece, StandardCharsets.UTF_8));
    }

    private InitialSymbols initialSymbols(Optional<int[]> bytes, int size) {
        BpeModel.SymbolRules rules = model.symbols();
        InitialSymbols.Unknown unknown = rules.unknown().map(token -> new InitialSymbols.Unknown(id(token), rules.fuseUnknown()))
            .orElse(InitialSymbols.Unknown.REFUSED);
        if (rules.kind() == BpeModel.SymbolKind.BYTES) {
            int[] all = IntStream.range(0, 256).map(b -> symbol(String.valueOf(ByteAlphabet.character(b)))).toArray();
            return new InitialSymbols.Bytes(all, unknown);
        }
        InitialSymbols.CodePoints characters = new InitialSymbols.CodePoints();
        for (int id = 0; id < size; id++) {
            String token = model.tokens().get(id);
            if (token.codePointCount(0, token.length()) == 1 && !special[id]) {
                characters.put(token.codePointAt(0), id);
            }
        }
        return new InitialSymbols.Characters(characters, bytes, unknown, joinable);
    }

    /** The id of a token that is not special, or NONE: what a user types must never become a special token. */
    private int symbol(String token) {
        int id = id(token);
        return id >= 0 && special[id] ? InitialSymbols.NONE : id;
    }

    /**
     * The pairs of characters that a merge can join. Empty unless the symbols are CHARACTERS_OR_BYTES, and the vocabulary has a token for
     * each byte and never merges these tokens. Otherwise a merge could join bytes, or neighbouring unknown characters could share one id:
     * then a cut between them would change the ids.
     */
    private Optional<JoinableCharacters> joinable(Optional<int[]> bytes) {
        if (bytes.isEmpty() || Arrays.stream(bytes.get()).anyMatch(id -> id < 0)) {
            return Optional.empty();
        }
        boolean[] ofByte = new boolean[model.tokens().size()];
        for (int id : bytes.get()) {
            ofByte[id] = true;
        }
        boolean mergesBytes = model.merges().stream().anyMatch(m -> ofByte[m.left()] || ofByte[m.right()] || ofByte[m.merged()]);
        return mergesBytes ? Optional.empty() : Optional.of(new JoinableCharacters(model.tokens(), model.merges()));
    }
}
