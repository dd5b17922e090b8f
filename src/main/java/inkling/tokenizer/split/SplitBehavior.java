package inkling.tokenizer.split;

/**
 * What becomes of the matches of a split pattern: a text is a row of stretches, each a match or what lies between two, and these become
 * pieces. Source: Hugging Face's {@code SplitDelimiterBehavior}.
 */
public enum SplitBehavior {
    /** Each stretch is a piece. */
    ISOLATED,
    /** Matches are dropped. */
    REMOVED,
    /** Matches side by side are one piece. */
    CONTIGUOUS,
    /** A match joins the piece before it; of several side by side, the first. */
    MERGED_WITH_PREVIOUS,
    /** A match joins the piece behind it; of several side by side, the last. */
    MERGED_WITH_NEXT;

    /** Receives the stretches of a text in order and hands the pieces on. */
    Stretches stretches(byte[] utf8, PreTokenizer.PieceSink pieces) {
        return new Stretches(utf8, pieces);
    }

    final class Stretches {
        private final byte[] utf8;
        private final PreTokenizer.PieceSink pieces;
        private int from = -1;             // of the piece that may still grow; −1: there is none
        private int to;
        private boolean matchBefore;       // the stretch before was a match

        private Stretches(byte[] utf8, PreTokenizer.PieceSink pieces) {
            this.utf8 = utf8;
            this.pieces = pieces;
        }

        /** The next stretch; one of no bytes is a match of nothing. */
        void add(int start, int end, boolean match) {
            boolean joins = from >= 0 && switch (SplitBehavior.this) {
                case ISOLATED, REMOVED -> false;
                case CONTIGUOUS -> match == matchBefore;
                case MERGED_WITH_PREVIOUS -> match && !matchBefore;
                case MERGED_WITH_NEXT -> !match && matchBefore;
            };
            if (!joins) {
                end();
                from = start;
            }
            to = SplitBehavior.this == REMOVED && match ? start : end;
            matchBefore = match;
        }

        void end() {
            if (from >= 0 && from < to) {
                pieces.piece(utf8, from, to);
            }
            from = -1;
        }
    }
}
