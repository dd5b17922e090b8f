package inkling.engine;

import inkling.errors.Problems;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device as a user writes it: {@code auto} (a GPU if there is one), {@code cpu}, {@code cuda} (the first GPU) or {@code cuda:1}. GPUs are
 * counted from 0. {@link ComputeContext#of(DeviceName, OptionalInt, Precision)} checks whether the device exists.
 */
public record DeviceName(String text) {
    /** The allowed forms, for messages and help. */
    public static final String FORMS = "auto, cpu, cuda or cuda:1";
    private static final Pattern GRAMMAR = Pattern.compile("auto|cpu|cuda(?::(0|[1-9][0-9]?))?");

    public static final DeviceName AUTO = new DeviceName("auto");

    /** @throws inkling.errors.ConfigException if {@code text} has none of the {@link #FORMS} */
    public DeviceName {
        new Problems().check(GRAMMAR.matcher(text).matches(), "device", "device = \"%s\" must be %s.", text, FORMS).throwIfAny();
    }

    /** The number of the named GPU, from 0; empty for {@code auto} and {@code cpu}. */
    OptionalInt gpu() {
        Matcher name = GRAMMAR.matcher(text);
        if (!name.matches() || !text.startsWith("cuda")) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(name.group(1) == null ? 0 : Integer.parseInt(name.group(1)));
    }

    @Override
    public String toString() {
        return text;
    }
}
