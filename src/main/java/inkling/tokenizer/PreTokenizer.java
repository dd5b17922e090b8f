package inkling.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Cuts UTF-8 text into the pieces that merges never cross. Every byte lands in exactly one piece, in order. */
interface PreTokenizer {
    /** Receives the pieces, each the bytes {@code [from, to)}. */
    interface Pieces {
        void piece(int from, int to);
    }

    /** Cuts {@code utf8[from, to)}, which must be well-formed UTF-8. */
    void split(byte[] utf8, int from, int to, Pieces pieces);

    /** As {@code pre_tokenizer} of tokenizer.json says it. */
    ObjectNode json();

    /**
     * The last index of {@code text} where a piece begins whatever text may follow: so cut, both parts give the ids of the whole.
     * 0 where no such place is known.
     */
    default int safeCut(String text) {
        return 0;
    }
}
