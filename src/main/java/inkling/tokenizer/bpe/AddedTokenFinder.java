package inkling.tokenizer.bpe;

import inkling.errors.ModelFormatException;
import inkling.tokenizer.bpe.BpeModel.AddedToken;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.UnicodeTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Finds added tokens in text, from left to right. If several begin at the same place, it takes the longest. The rules of
 * {@code single_word}, {@code lstrip} and {@code rstrip} are those of Hugging Face's {@code added_vocabulary.rs}.
 */
final class AddedTokenFinder {
    /** Receives the parts of a text in order: added tokens, and the text between them. */
    interface Sink {
        void text(int from, int to);

        /** A token at {@code [from, to)}, with the white space that belongs to it. */
        void token(AddedToken token, int from, int to);
    }

    /** Decides whether the text at {@code [from, to)} may become this token. */
    interface Filter {
        Filter ALL = (token, from, to) -> true;

        boolean accepts(AddedToken token, int from, int to);
    }

    private final List<AddedToken> tokens = new ArrayList<>();
    private final Trie trie;

    /**
     * @param source the name of the tokenizer in messages
     * @param written turns a token's content into the form that the searched text has, e.g. normalizes it
     */
    AddedTokenFinder(String source, List<AddedToken> tokens, UnaryOperator<String> written) {
        trie = new Trie(source);
        for (boolean special : new boolean[] {true, false}) {   // of tokens with the same form, special ones win, then the first
            tokens.stream().filter(token -> token.special() == special).forEach(token -> {
                trie.add(written.apply(token.content()).getBytes(StandardCharsets.UTF_8), this.tokens.size());
                this.tokens.add(token);
            });
        }
    }

    /** Splits {@code utf8[from, to)} into added tokens and the text between them. */
    void find(byte[] utf8, int from, int to, Sink sink) {
        find(utf8, from, to, Filter.ALL, sink);
    }

    /** As {@link #find(byte[], int, int, Sink)}, but finds only tokens that {@code filter} accepts. */
    void find(byte[] utf8, int from, int to, Filter filter, Sink sink) {
        int done = from;   // the sink has received everything before this index
        for (int at = from; at < to;) {
            int begin = at;
            long found = trie.longest(utf8, at, to, (number, end) -> filter.accepts(tokens.get(number), begin, end));
            if (found == Trie.NONE) {
                at++;
                continue;
            }
            AddedToken token = tokens.get((int) found);
            int start = at;
            int end = (int) (found >>> 32);
            at = end;
            if (token.options().singleWord() && (isWordBefore(utf8, from, start) || end < to && isWord(Gpt2Split.codePoint(utf8, end)))) {
                continue;
            }
            if (token.options().lstrip()) {
                start = Math.max(spaceBefore(utf8, from, start), done);
            }
            if (token.options().rstrip()) {
                end = spaceAfter(utf8, end, to);
            }
            if (done < start) {
                sink.text(done, start);
            }
            sink.token(token, start, end);
            done = end;
        }
        if (done < to) {
            sink.text(done, to);
        }
    }

    private static boolean isWordBefore(byte[] utf8, int from, int at) {
        return at > from && isWord(Gpt2Split.codePoint(utf8, previous(utf8, at)));
    }

    private static boolean isWord(int codePoint) {
        return UnicodeTable.isWord(codePoint);
    }

    private static int spaceBefore(byte[] utf8, int from, int at) {
        int start = at;
        while (start > from && UnicodeTable.isWhiteSpace(Gpt2Split.codePoint(utf8, previous(utf8, start)))) {
            start = previous(utf8, start);
        }
        return start;
    }

    private static int spaceAfter(byte[] utf8, int at, int to) {
        int end = at;
        while (end < to && UnicodeTable.isWhiteSpace(Gpt2Split.codePoint(utf8, end))) {
            end += Gpt2Split.length(utf8[end]);
        }
        return end;
    }

    /** Where the character before {@code at} begins. */
    private static int previous(byte[] utf8, int at) {
        int start = at - 1;
        while ((utf8[start] & 0xC0) == 0x80) {
            start--;
        }
        return start;
    }

    /** A prefix tree of byte strings, each with a number. */
    private static final class Trie {
        static final long NONE = -1;
        private static final int MOST_NODES = 1 << 24;   // so that a node's number and a byte fit into 32 bits

        /** Decides whether to accept an occurrence of the string with this number. The occurrence ends before index {@code end}. */
        interface Acceptance {
            boolean accepts(int number, int end);
        }

        private final String source;
        private final boolean[] begins = new boolean[256];
        // A hash table with open addressing, at most half full. An entry is (node << 8 | byte) + 1 << 32 | child; 0 is a free slot.
        private long[] edges = new long[1 << 10];
        private int[] numbers = new int[1 << 10];   // by node: number of the string that ends there, −1 for none
        private int nodes = 1;

        Trie(String source) {
            this.source = source;
            Arrays.fill(numbers, -1);
        }

        /** Adds a string. A string that is already there keeps its number. */
        void add(byte[] string, int number) {
            int node = 0;
            for (byte b : string) {
                int slot = slot(node, b);
                if (edges[slot] == 0) {
                    if (nodes == MOST_NODES) {
                        throw new ModelFormatException(("%s: added_tokens: too long in total. Together they may have at most %,d"
                            + " different prefixes, counted in bytes. Remove some tokens, or shorten them.")
                            .formatted(source, MOST_NODES - 1));
                    }
                    edges[slot] = key(node, b) << 32 | nodes++;
                    grow();
                    slot = slot(node, b);
                }
                node = (int) edges[slot];
            }
            begins[string[0] & 0xFF] = true;
            if (numbers[node] < 0) {
                numbers[node] = number;
            }
        }

        /** {@code end << 32 | number} of the longest accepted string that begins at {@code at}, or {@link #NONE}. */
        long longest(byte[] utf8, int at, int to, Acceptance acceptance) {
            if (!begins[utf8[at] & 0xFF]) {
                return NONE;
            }
            long found = NONE;
            int node = 0;
            for (int i = at; i < to; i++) {
                long edge = edges[slot(node, utf8[i])];
                if (edge == 0) {
                    break;
                }
                node = (int) edge;
                if (numbers[node] >= 0 && acceptance.accepts(numbers[node], i + 1)) {
                    found = (long) i + 1 << 32 | numbers[node];
                }
            }
            return found;
        }

        private static long key(int node, byte b) {
            return ((long) node << 8 | b & 0xFF) + 1;
        }

        private int slot(int node, byte b) {
            long key = key(node, b);
            int slot = (int) (Merges.mix(key) >>> 32) & edges.length - 1;
            while (edges[slot] != 0 && edges[slot] >>> 32 != key) {
                slot = slot + 1 & edges.length - 1;
            }
            return slot;
        }

        private void grow() {
            if (nodes == numbers.length) {
                numbers = Arrays.copyOf(numbers, nodes * 2);
                Arrays.fill(numbers, nodes, nodes * 2, -1);
            }
            if (nodes * 2 > edges.length) {
                long[] all = edges;
                edges = new long[all.length * 2];
                for (long edge : all) {
                    if (edge != 0) {
                        long key = (edge >>> 32) - 1;
                        edges[slot((int) (key >>> 8), (byte) key)] = edge;
                    }
                }
            }
        }
    }
}
