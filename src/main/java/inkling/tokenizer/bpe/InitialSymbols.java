package inkling.tokenizer.bpe;

import inkling.tokenizer.IntList;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.PreTokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns a piece of text into its symbols, before any merge. A symbol is a byte ({@link Bytes}) or a character ({@link Characters}). */
sealed interface InitialSymbols {
    /** Stands in place of an id if the vocabulary lacks the symbol. */
    int NONE = -1;

    /**
     * What becomes of symbols that the vocabulary lacks.
     *
     * @param id the id that stands for such a symbol; {@link #NONE} if a text with such a symbol is refused
     * @param fused whether neighbouring unknown symbols share one id
     */
    record Unknown(int id, boolean fused) {
        static final Unknown REFUSED = new Unknown(NONE, false);
    }

    /** Receives the place of each character for which the vocabulary lacks symbols, if there is no id for unknown symbols either. */
    interface Missing {
        void character(byte[] utf8, int at);
    }

    /** The id of the bytes {@code [from, to)} if they are a single known symbol, else {@link #NONE}. */
    int only(byte[] utf8, int from, int to);

    /** The ids of the symbols of {@code utf8[from, to)}. */
    int[] symbols(byte[] utf8, int from, int to, Missing missing);

    /** Cuts a piece at places that no merge ever crosses. Each part can then be merged, and cached, by itself. */
    default void parts(byte[] utf8, int from, int to, PreTokenizer.PieceSink parts) {
        parts.piece(utf8, from, to);
    }

    /**
     * A growing list of symbols. An unknown symbol is held back until the end, or until a symbol follows that does not fuse with it. Tokens
     * of single bytes ({@code byte_fallback}) do not end this wait: they are added before the held symbol. Both rules are those of Hugging
     * Face's library.
     */
    final class SymbolList {
        private final Unknown unknown;
        private final IntList ids;
        private boolean held;

        private SymbolList(Unknown unknown, int capacity) {
            this.unknown = unknown;
            this.ids = new IntList(capacity);
        }

        void known(int id) {
            release();
            ids.add(id);
        }

        void unknown() {
            if (!unknown.fused) {
                release();
            }
            held = true;
        }

        int[] end() {
            release();
            return ids.toArray();
        }

        private void release() {
            if (held) {
                ids.add(unknown.id);
                held = false;
            }
        }
    }

    /** Each byte is a symbol. The vocabulary writes it as a character of {@link ByteAlphabet}. */
    final class Bytes implements InitialSymbols {
        private final int[] ids;       // by byte; NONE for a byte that the vocabulary lacks
        private final boolean complete;
        private final Unknown unknown;

        /** @param ids the id of each of the 256 bytes, {@link #NONE} if the vocabulary lacks it */
        Bytes(int[] ids, Unknown unknown) {
            this.ids = ids;
            this.unknown = unknown;
            complete = Arrays.stream(ids).allMatch(id -> id != NONE);
        }

        @Override
        public int only(byte[] utf8, int from, int to) {
            return to - from == 1 ? ids[utf8[from] & 0xFF] : NONE;
        }

        @Override
        public int[] symbols(byte[] utf8, int from, int to, Missing missing) {
            if (!complete) {
                return incomplete(utf8, from, to, missing);
            }
            int[] symbols = new int[to - from];
            for (int i = from; i < to; i++) {
                symbols[i - from] = ids[utf8[i] & 0xFF];
            }
            return symbols;
        }

        /** The symbols, for a vocabulary that lacks some bytes. Small vocabularies may have only the bytes of their training text. */
        private int[] incomplete(byte[] utf8, int from, int to, Missing missing) {
            SymbolList symbols = new SymbolList(unknown, to - from);
            for (int at = from, end; at < to; at = end) {
                end = Math.min(to, at + Gpt2Split.length(utf8[at]));
                boolean known = true;
                for (int i = at; i < end; i++) {
                    int id = ids[utf8[i] & 0xFF];
                    if (id != NONE) {
                        symbols.known(id);
                    } else if (unknown.id != NONE) {
                        symbols.unknown();
                    } else {
                        known = false;
                    }
                }
                if (!known) {
                    missing.character(utf8, at);
                }
            }
            return symbols.end();
        }
    }

    /** Each character (code point) is a symbol. A character that the vocabulary lacks becomes the tokens of its bytes, if all exist. */
    final class Characters implements InitialSymbols {
        private final CodePoints ids;
        private final Optional<int[]> bytes;   // ids of <0x00> … <0xFF>; NONE for each that the vocabulary lacks
        private final Unknown unknown;
        private final Optional<JoinableCharacters> joinable;

        /**
         * @param ids the id of each character
         * @param bytes the ids of {@code <0x00>} … {@code <0xFF>}, {@link #NONE} for each that the vocabulary lacks; empty without
         *     {@code byte_fallback}
         * @param joinable which characters merges can join; empty if that is not known ({@link PieceEncoder})
         */
        Characters(CodePoints ids, Optional<int[]> bytes, Unknown unknown, Optional<JoinableCharacters> joinable) {
            this.ids = ids;
            this.bytes = bytes;
            this.unknown = unknown;
            this.joinable = joinable;
        }

        /** The token of a byte: {@code <0x0A>} for 10. */
        static String byteToken(int unsignedByte) {
            return "<0x%02X>".formatted(unsignedByte);
        }

        static List<String> byteTokens() {
            return java.util.stream.IntStream.range(0, 256).mapToObj(Characters::byteToken).toList();
        }

        @Override
        public int only(byte[] utf8, int from, int to) {
            return to - from == Gpt2Split.length(utf8[from]) ? ids.id(Gpt2Split.codePoint(utf8, from)) : NONE;
        }

        @Override
        public int[] symbols(byte[] utf8, int from, int to, Missing missing) {
            SymbolList symbols = new SymbolList(unknown, to - from);
            for (int at = from, end; at < to; at = end) {
                end = at + Gpt2Split.length(utf8[at]);
                int codePoint = Gpt2Split.codePoint(utf8, at);
                int id = ids.id(codePoint);
                if (id != NONE) {
                    symbols.known(id);
                } else if (!fallBack(utf8, at, end, symbols)) {
                    if (unknown.id == NONE) {
                        missing.character(utf8, at);
                    } else {
                        symbols.unknown();
                    }
                }
            }
            return symbols.end();
        }

        /** Adds the tokens of a character's bytes. Adds nothing and returns false if the vocabulary lacks one of them. */
        private boolean fallBack(byte[] utf8, int from, int to, SymbolList symbols) {
            if (bytes.isEmpty()) {
                return false;
            }
            for (int i = from; i < to; i++) {
                if (bytes.get()[utf8[i] & 0xFF] == NONE) {
                    return false;
                }
            }
            for (int i = from; i < to; i++) {
                symbols.ids.add(bytes.get()[utf8[i] & 0xFF]);
            }
            return true;
        }

        @Override
        public void parts(byte[] utf8, int from, int to, PreTokenizer.PieceSink parts) {
            if (joinable.isEmpty()) {
                parts.piece(utf8, from, to);
                return;
            }
            JoinableCharacters joinable = this.joinable.get();
            int start = from;
            int before = Gpt2Split.codePoint(utf8, from);
            for (int at = from + Gpt2Split.length(utf8[from]); at < to; at += Gpt2Split.length(utf8[at])) {
                int codePoint = Gpt2Split.codePoint(utf8, at);
                if (!joinable.canJoin(before, codePoint)) {
                    parts.piece(utf8, start, at);
                    start = at;
                }
                before = codePoint;
            }
            parts.piece(utf8, start, to);
        }
    }

    /** The id of each character (code point) of a vocabulary. */
    final class CodePoints {
        private final int[] basic = new int[0x10000];   // for the Basic Multilingual Plane
        private final Map<Integer, Integer> others = new HashMap<>();

        CodePoints() {
            Arrays.fill(basic, NONE);
        }

        void put(int codePoint, int id) {
            if (codePoint < basic.length) {
                basic[codePoint] = id;
            } else {
                others.put(codePoint, id);
            }
        }

        /** The id of a character, {@link #NONE} if the vocabulary lacks it. */
        int id(int codePoint) {
            return codePoint < basic.length ? basic[codePoint] : others.getOrDefault(codePoint, NONE);
        }
    }
}
