package inkling.tokenizer.bpe;

import inkling.tokenizer.IntList;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.PreTokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The symbols of a piece before any merge: {@link Bytes}, or {@link Characters}. */
sealed interface InitialSymbols {
    /** Where a vocabulary lacks a symbol and nothing stands for it. */
    int NONE = -1;

    /** What a symbol that the vocabulary lacks becomes: {@code id}, or {@link #NONE}; {@code fused}: neighbours become one. */
    record Unknown(int id, boolean fused) {
        static final Unknown REFUSED = new Unknown(NONE, false);
    }

    /** Is told of a character of {@code utf8} that the vocabulary lacks, where nothing stands for it. */
    interface Missing {
        void character(byte[] utf8, int at);
    }

    /** The one symbol that the bytes {@code [from, to)} are, or {@link #NONE} where they are several or unknown. */
    int only(byte[] utf8, int from, int to);

    /** The symbols of {@code utf8[from, to)}. */
    int[] symbols(byte[] utf8, int from, int to, Missing missing);

    /** Cuts a piece where no merge can ever join its neighbours, so that each part can be merged, and remembered, alone. */
    default void parts(byte[] utf8, int from, int to, PreTokenizer.PieceSink parts) {
        parts.piece(utf8, from, to);
    }

    /** SymbolList as they are found; an unknown one is held back until a known one follows, as Hugging Face's library does. */
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

    /** Every byte is a symbol, written as {@link ByteAlphabet} has it. */
    final class Bytes implements InitialSymbols {
        private final int[] ids;       // of each byte, NONE where the vocabulary lacks it
        private final boolean complete;
        private final Unknown unknown;

        /** @param ids of all 256 bytes, {@link #NONE} where the vocabulary lacks one */
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

        /** Some small vocabularies lack bytes that their training text had not. */
        private int[] incomplete(byte[] utf8, int from, int to, Missing missing) {
            SymbolList symbols = new SymbolList(unknown, to - from);
            for (int at = from, end; at < to; at = end) {
                end = Math.min(to, at + Gpt2Split.length(utf8[at]));
                boolean there = true;
                for (int i = at; i < end; i++) {
                    int id = ids[utf8[i] & 0xFF];
                    if (id != NONE) {
                        symbols.known(id);
                    } else if (unknown.id != NONE) {
                        symbols.unknown();
                    } else {
                        there = false;
                    }
                }
                if (!there) {
                    missing.character(utf8, at);
                }
            }
            return symbols.end();
        }
    }

    /** Every character (code point) is a symbol; one that the vocabulary lacks becomes the tokens of its bytes, if it has all of them. */
    final class Characters implements InitialSymbols {
        private final CodePoints ids;
        private final Optional<int[]> bytes;   // ids of <0x00> … <0xFF>, NONE where the vocabulary lacks one
        private final Unknown unknown;
        private final Optional<JoinableCharacters> joinable;

        /**
         * @param ids of each character
         * @param bytes of {@code <0x00>} … {@code <0xFF>}, {@link #NONE} where the vocabulary lacks one; empty without byte_fallback
         * @param joinable where characters can join; known only where the merges are of characters alone and all bytes are there
         */
        Characters(CodePoints ids, Optional<int[]> bytes, Unknown unknown, Optional<JoinableCharacters> joinable) {
            this.ids = ids;
            this.bytes = bytes;
            this.unknown = unknown;
            this.joinable = joinable;
        }

        /** {@code <0x0A>}. */
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

        /** Adds the tokens of a character's bytes, before an unknown one that is held back; false where one is not in the vocabulary. */
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
        private final int[] basic = new int[0x10000];   // of the Basic Multilingual Plane
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

        /** {@link #NONE} where there is none. */
        int id(int codePoint) {
            return codePoint < basic.length ? basic[codePoint] : others.getOrDefault(codePoint, NONE);
        }
    }
}
