package inkling.engine;

import inkling.errors.Problems;

/**
 * A device as a user writes it: {@code auto} (a GPU if there is one), {@code cpu}, {@code cuda}, or {@code cuda:1} for one of several.
 * Whether it is there is known once a {@link ComputeContext} is made.
 *
 * @throws inkling.errors.ConfigException for any other text
 */
public record DeviceName(String text) {
    public static final DeviceName AUTO = new DeviceName("auto");

    public DeviceName {
        new Problems().check(text.matches("auto|cpu|cuda|cuda:(0|[1-9][0-9]?)"), "device",
            "device = \"%s\" must be auto, cpu, cuda or cuda:1.", text).throwIfAny();
    }

    @Override
    public String toString() {
        return text;
    }
}
