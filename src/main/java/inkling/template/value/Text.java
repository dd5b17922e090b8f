package inkling.template.value;

import java.util.Arrays;

/**
 * A string with the {@link Origin} of each character: the template's own text, or data that was given to the template. Only the characters
 * count for equality. Lengths and indexes count UTF-16 units, as in Java. {@link #count} counts code points, as Python does.
 *
 * <p>{@code Text.template("<|im_start|>").plus(Text.of("Hello", Origin.message(0)))} has two runs.
 */
public final class Text {
    public static final Text EMPTY = new Text("", new int[0], new int[0]);

    private final String characters;
    private final int[] ends;      // where each run of one origin ends; the last is the length
    private final int[] origins;   // the Origin of each run

    Text(String characters, int[] ends, int[] origins) {
        this.characters = characters;
        this.ends = ends;
        this.origins = origins;
    }

    /** A text of one origin. */
    public static Text of(String characters, int origin) {
        return characters.isEmpty() ? EMPTY : new Text(characters, new int[] {characters.length()}, new int[] {origin});
    }

    /** A text of the template itself. */
    public static Text template(String characters) {
        return of(characters, Origin.TEMPLATE);
    }

    public int length() {
        return characters.length();
    }

    /** The number of code points. */
    public int count() {
        return isOfSingleUnits() ? length() : characters.codePointCount(0, length());
    }

    private boolean isOfSingleUnits() {
        return characters.chars().noneMatch(c -> Character.isSurrogate((char) c));
    }

    public boolean isEmpty() {
        return characters.isEmpty();
    }

    /** The number of runs. A run has one origin. */
    public int runs() {
        return ends.length;
    }

    /** Where run {@code run} ends. */
    public int end(int run) {
        return ends[run];
    }

    /** The origin of run {@code run}. */
    public int origin(int run) {
        return origins[run];
    }

    /** The origin of the first characters that came from data; {@link Origin#TEMPLATE} if there are none. */
    public int dataOrigin() {
        return Arrays.stream(origins).filter(Origin::isData).findFirst().orElse(Origin.TEMPLATE);
    }

    public Text plus(Text other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        return new TextBuilder().add(this).add(other).build();
    }

    /** The UTF-16 units {@code from} … {@code to − 1}. */
    public Text sub(int from, int to) {
        if (from == 0 && to == length()) {
            return this;
        }
        return new TextBuilder().add(this, from, to).build();
    }

    /**
     * {@code changed}, e.g. this text in upper case, with the origins of this text. If the lengths differ, all of {@code changed} gets
     * {@link #dataOrigin}.
     */
    public Text with(String changed) {
        return changed.length() == length() ? new Text(changed, ends, origins) : of(changed, dataOrigin());
    }

    /** The same text, marked as written inside a {@code generation} block. */
    public Text generated() {
        return new Text(characters, ends, Arrays.stream(origins).map(Origin::generated).toArray());
    }

    /** Turns {@code index}, which counts code points (0 to {@link #count}), into an index that counts UTF-16 units. */
    public int offset(int index) {
        return isOfSingleUnits() ? index : characters.offsetByCodePoints(0, index);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && text.characters.equals(characters);
    }

    @Override
    public int hashCode() {
        return characters.hashCode();
    }

    /** The characters. */
    @Override
    public String toString() {
        return characters;
    }
}
