package inkling.tokenizer.split;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Changes a stretch of text before it is split into pieces: the {@code normalizer} of tokenizer.json. */
public interface Normalizer {
    /** The bytes {@code utf8[from, to)}, which are well-formed UTF-8. */
    record Span(byte[] utf8, int from, int to) {
        static Span of(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return new Span(utf8, 0, utf8.length);
        }

        int length() {
            return to - from;
        }

        @Override
        public String toString() {
            return new String(utf8, from, to - from, StandardCharsets.UTF_8);
        }
    }

    /** Leaves every text as it is. */
    Normalizer NONE = text -> text;

    /** The changed text; mostly {@code text} itself if nothing changes. */
    Span normalize(Span text);

    /** The variant for a stretch at {@code place}. */
    default Normalizer at(TextPlace place) {
        return this;
    }

    /**
     * Whether a text can be cut before a blank and its two parts normalized separately. True for NFC, which never combines a blank with the
     * character before it.
     */
    default boolean isLocal() {
        return true;
    }

    /** Whether letters, numbers and white space keep their kind. A letter may still become a letter and a mark. */
    default boolean keepsCategories() {
        return true;
    }

    /** Whether the change of a character never depends on its neighbours. Asked only if {@link #isLocal} is true. */
    default boolean ignoresNeighbours() {
        return true;
    }

    default String normalize(String text) {
        return normalize(Span.of(text)).toString();
    }

    /** Puts {@code prefix} before every stretch that is not empty. */
    record Prepend(String prefix) implements Normalizer {
        @Override
        public Span normalize(Span text) {
            if (text.length() == 0) {
                return text;
            }
            byte[] before = prefix.getBytes(StandardCharsets.UTF_8);
            byte[] all = Arrays.copyOf(before, before.length + text.length());
            System.arraycopy(text.utf8, text.from, all, before.length, text.length());
            return new Span(all, 0, all.length);
        }

        @Override
        public Normalizer at(TextPlace place) {
            return place == TextPlace.WITHIN ? NONE : this;
        }

        @Override
        public boolean isLocal() {
            return false;
        }

        @Override
        public boolean keepsCategories() {
            return false;
        }
    }

    /** Replaces each occurrence of {@code pattern} by {@code content}, from left to right. */
    record Replace(String pattern, String content) implements Normalizer {
        @Override
        public Span normalize(Span text) {
            byte[] old = pattern.getBytes(StandardCharsets.UTF_8);
            int found = 0;
            for (int at = next(text, text.from, old); at >= 0; at = next(text, at + old.length, old)) {
                found++;
            }
            if (found == 0) {
                return text;
            }
            byte[] put = content.getBytes(StandardCharsets.UTF_8);
            byte[] all = new byte[Math.toIntExact(text.length() + (long) found * (put.length - old.length))];
            int length = 0;
            int from = text.from;
            for (int at = next(text, from, old); at >= 0; at = next(text, from, old)) {
                System.arraycopy(text.utf8, from, all, length, at - from);
                length += at - from;
                System.arraycopy(put, 0, all, length, put.length);
                length += put.length;
                from = at + old.length;
            }
            System.arraycopy(text.utf8, from, all, length, text.to - from);
            return new Span(all, 0, all.length);
        }

        @Override
        public boolean isLocal() {
            return pattern.codePointCount(0, pattern.length()) == 1 && !content.isEmpty();
        }

        @Override
        public boolean keepsCategories() {
            return false;
        }

        /** The index of the next {@code pattern} in {@code text}, or −1. Both are UTF-8, so a match always begins at a character. */
        private static int next(Span text, int from, byte[] pattern) {
            for (int at = from; at <= text.to - pattern.length; at++) {
                if (text.utf8[at] == pattern[0] && Arrays.equals(text.utf8, at, at + pattern.length, pattern, 0, pattern.length)) {
                    return at;
                }
            }
            return -1;
        }
    }

    /** Several normalizers, one after the other. */
    record Steps(List<Normalizer> steps) implements Normalizer {
        public Steps {
            steps = List.copyOf(steps);
        }

        @Override
        public Span normalize(Span text) {
            Span span = text;
            for (Normalizer step : steps) {
                span = step.normalize(span);
            }
            return span;
        }

        @Override
        public Normalizer at(TextPlace place) {
            return new Steps(steps.stream().map(step -> step.at(place)).toList());
        }

        @Override
        public boolean isLocal() {
            return steps.stream().allMatch(Normalizer::isLocal);
        }

        @Override
        public boolean keepsCategories() {
            return steps.stream().allMatch(Normalizer::keepsCategories);
        }

        @Override
        public boolean ignoresNeighbours() {
            return steps.stream().allMatch(Normalizer::ignoresNeighbours);
        }
    }
}
