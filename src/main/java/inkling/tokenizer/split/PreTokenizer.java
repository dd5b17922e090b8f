package inkling.tokenizer.split;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Cuts UTF-8 text into the pieces that merges never cross. Every byte lands in exactly one piece, in order. */
public interface PreTokenizer {
    /** Receives the pieces, each the bytes {@code [from, to)}, never empty. */
    interface Pieces {
        void piece(int from, int to);
    }

    /** Cuts {@code utf8[from, to)}, which must be well-formed UTF-8. */
    void split(byte[] utf8, int from, int to, Pieces pieces);

    /** As {@code pre_tokenizer} of tokenizer.json says it. */
    ObjectNode json();

    /** Whether letters, numbers or white space, as {@link UnicodeTable} has them, decide where it cuts. */
    default boolean usesCategories() {
        return true;
    }

    /**
     * The last index of {@code text} where a piece begins whatever text may follow: so cut, both parts give the ids of the whole.
     * 0 where no such place is known.
     */
    default int safeCut(String text) {
        return 0;
    }

    /** Leaves the text whole; other cuts go before. */
    record Whole() implements PreTokenizer {
        @Override
        public void split(byte[] utf8, int from, int to, Pieces pieces) {
            if (from < to) {
                pieces.piece(from, to);
            }
        }

        @Override
        public ObjectNode json() {
            return Gpt2Split.byteLevel(false);
        }

        @Override
        public boolean usesCategories() {
            return false;
        }
    }

    /** Parts numbers (Unicode category N) from the rest, each digit for itself ({@code individual}) or runs of them. */
    record Digits(boolean individual) implements PreTokenizer {
        @Override
        public void split(byte[] utf8, int from, int to, Pieces pieces) {
            int start = from;
            boolean inNumber = false;
            for (int at = from; at < to; at += Gpt2Split.length(utf8[at])) {
                boolean number = Gpt2Split.kindOf(Gpt2Split.codePoint(utf8, at)) == Gpt2Split.NUMBER;
                if (at > start && (number != inNumber || number && individual)) {
                    pieces.piece(start, at);
                    start = at;
                }
                inNumber = number;
            }
            if (start < to) {
                pieces.piece(start, to);
            }
        }

        @Override
        public ObjectNode json() {
            return JsonNodeFactory.instance.objectNode().put("type", "Digits").put("individual_digits", individual);
        }
    }

    /** Each stage cuts the pieces of the one before. */
    record Stages(List<PreTokenizer> stages) implements PreTokenizer {
        public Stages {
            stages = List.copyOf(stages);
        }

        @Override
        public void split(byte[] utf8, int from, int to, Pieces pieces) {
            Pieces sink = pieces;
            for (int i = stages.size() - 1; i > 0; i--) {
                PreTokenizer stage = stages.get(i);
                Pieces next = sink;
                sink = (start, end) -> stage.split(utf8, start, end, next);
            }
            stages.get(0).split(utf8, from, to, sink);
        }

        @Override
        public ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
            ArrayNode array = json.putArray("pretokenizers");
            stages.forEach(stage -> array.add(stage.json()));
            return json;
        }

        @Override
        public boolean usesCategories() {
            return stages.stream().anyMatch(PreTokenizer::usesCategories);
        }

        /** Where the first stage cuts whatever follows, later ones see no difference; and Digits never hides GPT-2's places. */
        @Override
        public int safeCut(String text) {
            int first = 0;
            while (first < stages.size() - 1 && stages.get(first) instanceof Digits) {
                first++;
            }
            PreTokenizer stage = stages.get(first);
            return first == 0 || stage instanceof Gpt2Split ? stage.safeCut(text) : 0;
        }
    }
}
