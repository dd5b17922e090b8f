package inkling.formats.peft;

import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.PatternSyntaxException;

/**
 * Parts of a regular expression as steps from one set of positions in a text to another: all where a match of the part may end that began
 * at one of the first. So no way is tried twice, and the time is bounded, as in Thompson 1968.
 */
final class PositionSets {
    private PositionSets() {}

    /** A text that may be stepped over so often and no more: repetitions of repetitions of … would take for ever. */
    static final class Text {
        private static final int MOST_STEPS = 200_000;
        private final String signs;
        private int left = MOST_STEPS;

        Text(String signs) {
            this.signs = signs;
        }

        int length() {
            return signs.length();
        }

        char at(int position) {
            return signs.charAt(position);
        }

        private void step() {
            if (--left < 0) {
                throw new PatternSyntaxException("a pattern that takes so long is not supported", signs, -1);
            }
        }
    }

    /** One part of an expression. */
    @FunctionalInterface
    interface Step {
        /** @param starts not changed */
        BitSet ends(Text text, BitSet starts);
    }

    /** What holds between two signs. */
    @FunctionalInterface
    interface Place {
        boolean at(Text text, int position);
    }

    /** Whether {@code whole} matches the text from its beginning to its end. */
    static boolean matches(Step whole, String text) {
        return whole.ends(new Text(text), only(0)).get(text.length());
    }

    /** Whether a match begins at the position. */
    static boolean begins(Step part, Text text, int position) {
        return !part.ends(text, only(position)).isEmpty();
    }

    /** Whether a match ends at the position. */
    static boolean ends(Step part, Text text, int position) {
        BitSet starts = new BitSet();
        starts.set(0, position + 1);
        return part.ends(text, starts).get(position);
    }

    private static BitSet only(int position) {
        BitSet set = new BitSet();
        set.set(position);
        return set;
    }

    /** One sign. */
    static Step sign(IntPredicate sign) {
        return (text, starts) -> {
            text.step();
            BitSet ends = new BitSet();
            starts.stream().filter(start -> start < text.length() && sign.test(text.at(start))).forEach(start -> ends.set(start + 1));
            return ends;
        };
    }

    /** No sign, at some places. */
    static Step where(Place place) {
        return (text, starts) -> {
            text.step();
            BitSet ends = new BitSet();
            starts.stream().filter(start -> place.at(text, start)).forEach(ends::set);
            return ends;
        };
    }

    static Step inOrder(List<Step> steps) {
        List<Step> all = List.copyOf(steps);
        return (text, starts) -> {
            BitSet at = starts;
            for (Step step : all) {
                if (at.isEmpty()) {
                    return at;
                }
                text.step();
                at = step.ends(text, at);
            }
            return at;
        };
    }

    static Step oneOf(List<Step> choices) {
        List<Step> all = List.copyOf(choices);
        return all.size() == 1 ? all.get(0) : (text, starts) -> {
            BitSet ends = new BitSet();
            all.forEach(choice -> {
                text.step();
                ends.or(choice.ends(text, starts));
            });
            return ends;
        };
    }

    /** At least and at most so often. A part never leads back, so the sets stay the same or are empty after as many rounds as signs. */
    static Step repeated(Step part, int least, int most) {
        return (text, starts) -> {
            BitSet at = starts;
            for (int round = 0; round < Math.min(least, text.length() + 1); round++) {
                text.step();
                at = part.ends(text, at);
            }
            BitSet ends = (BitSet) at.clone();
            for (int round = least; round < most && !at.isEmpty(); round++) {
                text.step();
                at = part.ends(text, at);
                BitSet before = (BitSet) ends.clone();
                ends.or(at);
                if (ends.equals(before)) {
                    break;
                }
            }
            return ends;
        };
    }
}
