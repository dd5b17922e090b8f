package inkling.tokenizer.split;

/**
 * How the matches of a split pattern become pieces. A text is a sequence of stretches: each is a match, or the text before, between or
 * after matches. Source: Hugging Face's {@code SplitDelimiterBehavior}.
 */
public enum SplitBehavior {
    /** Each stretch is a piece. */
    ISOLATED,
    /** Matches are dropped. */
    REMOVED,
    /** Neighbouring stretches are one piece if both are matches, or if neither is. */
    CONTIGUOUS,
    /** A match joins the piece before it. If several matches are neighbours, only the first does. */
    MERGED_WITH_PREVIOUS,
    /** A match joins the piece after it. If several matches are neighbours, only the last does. */
    MERGED_WITH_NEXT;

    /** A receiver for the stretches of one text. It passes the pieces to {@code pieces}. */
    Stretches stretches(byte[] utf8, PreTokenizer.PieceSink pieces) {
        return new Stretches(utf8, pieces);
    }

    /** Makes pieces from stretches that are added in order. */
    final class Stretches {
        private final byte[] utf8;
        private final PreTokenizer.PieceSink pieces;
        private int from = -1;             // start of the piece that may still grow; −1 for none
        private int to;
        private boolean matchBefore;       // whether the previous stretch was a match

        private Stretches(byte[] utf8, PreTokenizer.PieceSink pieces) {
            this.utf8 = utf8;
            this.pieces = pieces;
        }

        /** The next stretch. It may be empty: a pattern may match nothing. */
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
