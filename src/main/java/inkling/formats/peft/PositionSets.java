package inkling.formats.peft;

import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.PatternSyntaxException;

/**
 * Matches a regular expression part by part. Each part is a step. A step takes the positions in the text where matches of the part
 * may begin, and gives the positions where these matches end. The positions are a set, so it does not matter how many ways lead to one of
 * them, as in Thompson 1968. A limit on how often steps are taken bounds the time.
 */
final class PositionSets {
    private PositionSets() {}

    /** A text, and how many steps may still be taken on it: without a limit, repetitions nested in repetitions would take too long. */
    static final class Text {
        private static final int MOST_STEPS = 200_000;
        private final String characters;
        private int left = MOST_STEPS;

        Text(String characters) {
            this.characters = characters;
        }

        int length() {
            return characters.length();
        }

        char at(int position) {
            return characters.charAt(position);
        }

        private void step() {
            if (--left < 0) {
                throw new PatternSyntaxException("matching takes more steps than Inkling allows", characters, -1);
            }
        }
    }

    /** One part of an expression. */
    @FunctionalInterface
    interface Step {
        /** The ends of all matches that begin at one of the positions {@code starts}. It does not change {@code starts}. */
        BitSet ends(Text text, BitSet starts);
    }

    /** A condition on a position between two characters. */
    @FunctionalInterface
    interface Place {
        boolean at(Text text, int position);
    }

    /** Whether {@code whole} matches the text from its beginning to its end. */
    static boolean matches(Step whole, String text) {
        return whole.ends(new Text(text), only(0)).get(text.length());
    }

    /** Whether a match of {@code part} begins at the position. */
    static boolean begins(Step part, Text text, int position) {
        return !part.ends(text, only(position)).isEmpty();
    }

    /** Whether a match of {@code part} ends at the position. */
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

    /** Matches one character. */
    static Step character(IntPredicate accepted) {
        return (text, starts) -> {
            text.step();
            BitSet ends = new BitSet();
            starts.stream().filter(start -> start < text.length() && accepted.test(text.at(start))).forEach(start -> ends.set(start + 1));
            return ends;
        };
    }

    /** Matches no character, at positions where the condition holds. */
    static Step where(Place place) {
        return (text, starts) -> {
            text.step();
            BitSet ends = new BitSet();
            starts.stream().filter(start -> place.at(text, start)).forEach(ends::set);
            return ends;
        };
    }

    /** Matches all steps, one after the other. */
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

    /** Matches any one of the choices. */
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

    /** Repeats {@code part}. No step leads backwards, so after {@code length() + 1} rounds the set is empty or stays the same. */
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
