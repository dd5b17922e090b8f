package inkling.tokenizer.split;

import java.util.List;

/**
 * Splits a stretch of UTF-8 text into pieces. Merges never cross from one piece to the next. Some kinds also add or replace
 * blanks, or drop what a pattern matches.
 */
public interface PreTokenizer {
    /** Receives the pieces in order. Each piece is the bytes {@code utf8[from, to)} and is never empty. */
    interface PieceSink {
        void piece(byte[] utf8, int from, int to);
    }

    /** Splits {@code utf8[from, to)}, which must be well-formed UTF-8. */
    void split(byte[] utf8, int from, int to, PieceSink pieces);

    /** The variant for a stretch at {@code place}. A pre-tokenizer that was read from a file is the variant for {@link TextPlace#START}. */
    default PreTokenizer at(TextPlace place) {
        return this;
    }

    /** Whether the split can depend on the letters, numbers or white space of {@link UnicodeTable}. */
    default boolean usesCategories() {
        return true;
    }

    /**
     * The last index of {@code text} that is known to begin a piece, even if more text follows. A cut there does not change the
     * pieces, if the rest is split with {@link TextPlace#WITHIN}. 0 if no such index is known.
     */
    default int safeCut(String text) {
        return 0;
    }

    /** Leaves the text whole. */
    record Whole() implements PreTokenizer {
        @Override
        public void split(byte[] utf8, int from, int to, PieceSink pieces) {
            if (from < to) {
                pieces.piece(utf8, from, to);
            }
        }

        @Override
        public boolean usesCategories() {
            return false;
        }
    }

    /** Puts a blank before a stretch that does not begin with one. */
    record PrefixSpace() implements PreTokenizer {
        @Override
        public void split(byte[] utf8, int from, int to, PieceSink pieces) {
            if (from < to && utf8[from] != ' ') {
                byte[] prefixed = new byte[to - from + 1];
                prefixed[0] = ' ';
                System.arraycopy(utf8, from, prefixed, 1, to - from);
                pieces.piece(prefixed, 0, prefixed.length);
            } else if (from < to) {
                pieces.piece(utf8, from, to);
            }
        }

        @Override
        public PreTokenizer at(TextPlace place) {
            return place == TextPlace.WITHIN ? new Whole() : this;
        }

        @Override
        public boolean usesCategories() {
            return false;
        }
    }

    /** Separates digits (Unicode category N) from other text: each digit is a piece ({@code individual}), or each run of digits is one. */
    record Digits(boolean individual) implements PreTokenizer {
        @Override
        public void split(byte[] utf8, int from, int to, PieceSink pieces) {
            int start = from;
            boolean inNumber = false;
            for (int at = from; at < to; at += Gpt2Split.length(utf8[at])) {
                boolean number = Gpt2Split.kindOf(Gpt2Split.codePoint(utf8, at)) == Gpt2Split.NUMBER;
                if (at > start && (number != inNumber || number && individual)) {
                    pieces.piece(utf8, start, at);
                    start = at;
                }
                inNumber = number;
            }
            if (start < to) {
                pieces.piece(utf8, start, to);
            }
        }
    }

    /** Each stage splits the pieces of the stage before. {@code place} is the place of the first piece. */
    record Stages(List<PreTokenizer> stages, TextPlace place) implements PreTokenizer {
        public Stages {
            stages = List.copyOf(stages);
        }

        public static PreTokenizer of(List<PreTokenizer> stages) {
            return stages.size() == 1 ? stages.get(0) : new Stages(stages, TextPlace.START);
        }

        @Override
        public void split(byte[] utf8, int from, int to, PieceSink pieces) {
            stage(0, place, utf8, from, to, pieces);
        }

        private void stage(int stage, TextPlace place, byte[] utf8, int from, int to, PieceSink pieces) {
            PreTokenizer cutter = stages.get(stage).at(place);
            cutter.split(utf8, from, to, stage == stages.size() - 1 ? pieces : (array, start, end) -> {
                boolean first = start == (array == utf8 ? from : 0);   // a stage that adds blanks passes on another array, from 0
                stage(stage + 1, first ? place : TextPlace.LATER, array, start, end, pieces);
            });
        }

        @Override
        public PreTokenizer at(TextPlace place) {
            return new Stages(stages, place);
        }

        @Override
        public boolean usesCategories() {
            return stages.stream().anyMatch(PreTokenizer::usesCategories);
        }

        /**
         * The safe cut of the first stage, if later stages only split its pieces. Digits and PrefixSpace before GPT-2's split do not change
         * the safe cut of that split. In other cases 0.
         */
        @Override
        public int safeCut(String text) {
            if (stages.stream().skip(1).anyMatch(stage -> stage.at(TextPlace.WITHIN) != stage)) {
                return 0;   // a later stage may put a blank before some pieces, depending on where an earlier stage has cut
            }
            int first = 0;
            while (first < stages.size() - 1 && (stages.get(first) instanceof Digits || stages.get(first) instanceof PrefixSpace)) {
                first++;
            }
            PreTokenizer stage = stages.get(first);
            return first == 0 || stage instanceof Gpt2Split ? stage.safeCut(text) : 0;
        }
    }
}
