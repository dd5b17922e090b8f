package inkling.template.value;

import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Safe;
import inkling.template.value.Values.Undefined;
import inkling.template.value.Values.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's {@code value[key]} and {@code value[from:to:step]}. */
public final class Subscript {
    private Subscript() {}

    /** The item; empty if Python raises KeyError, IndexError or TypeError. */
    public static Optional<Object> item(Object value, Object key, Budget budget) {
        if (value instanceof Dict dict) {
            boolean never = key instanceof Items || key instanceof Dict;   // no dict has such a key
            return never ? Optional.empty() : Optional.ofNullable(dict.entries().get(Python.key(key)));
        }
        if (value instanceof Undefined missing) {
            throw missing.fault();
        }
        if (!(key instanceof Long || key instanceof Boolean)) {
            return Optional.empty();
        }
        if (value instanceof Safe) {
            throw Fault.unsupported("a character of a text that is marked safe");
        }
        long index = Python.integer(key);
        if (value instanceof Text text) {
            budget.step(text.length() / Budget.CHARACTERS_A_STEP);
            int count = text.count();
            long at = index < 0 ? index + count : index;
            return at < 0 || at >= count ? Optional.empty()
                : Optional.of(text.sub(text.offset((int) at), text.offset((int) at + 1)));
        }
        if (value instanceof View view && !view.type().equals("range")) {
            return Optional.empty();
        }
        List<Object> list = value instanceof Items items ? items.list() : value instanceof View view ? view.list() : List.of();
        long at = index < 0 ? index + list.size() : index;
        return at < 0 || at >= list.size() ? Optional.empty() : Optional.of(list.get((int) at));
    }

    /**
     * {@code value[from:to:step]} of a text, list or tuple. A bound or step that is left out is None.
     *
     * @throws Fault for any other value, for a bound or step that is no whole number, or for the step 0
     */
    public static Object slice(Object value, Object from, Object to, Object step, Budget budget) {
        if (value instanceof Undefined missing) {
            throw missing.fault();
        }
        if (!(value instanceof Text || value instanceof Items)) {
            throw value instanceof Dict || Python.isNumber(value) || value == None.NONE
                ? Fault.failed("a %s has no slices.".formatted(Python.type(value)))
                : Fault.unsupported("a slice of a " + Python.type(value));
        }
        long stride = step == None.NONE ? 1 : bound(step);
        if (stride == 0) {
            throw Fault.failed("a slice cannot have the step 0.");
        }
        int size = value instanceof Text text ? text.count() : ((Items) value).list().size();
        long start = from == None.NONE ? stride > 0 ? 0 : size - 1 : clamped(bound(from), size, stride);
        long end = to == None.NONE ? stride > 0 ? size : -1 : clamped(bound(to), size, stride);
        budget.step(size);
        if (value instanceof Text text) {
            budget.characters(text.length() + text.runs());
            return stride == 1 ? start >= end ? Text.EMPTY : text.sub(text.offset((int) start), text.offset((int) end))
                : withStride(text, start, end, stride);
        }
        Items items = (Items) value;
        List<Object> taken = new ArrayList<>();
        for (long i = start; stride > 0 ? i < end : i > end; i += stride) {
            taken.add(items.list().get((int) i));
        }
        return new Items(taken, items.isTuple());
    }

    private static Text withStride(Text text, long start, long end, long stride) {
        int[] offsets = new int[text.count() + 1];
        for (int i = 1; i < offsets.length; i++) {
            offsets[i] = text.toString().offsetByCodePoints(offsets[i - 1], 1);
        }
        TextBuilder taken = new TextBuilder();
        for (long i = start; stride > 0 ? i < end : i > end; i += stride) {
            taken.add(text, offsets[(int) i], offsets[(int) i + 1]);
        }
        return taken.build();
    }

    private static long bound(Object bound) {
        if (bound instanceof Long || bound instanceof Boolean) {
            return Math.max(-1L << 40, Math.min(1L << 40, Python.integer(bound)));   // far beyond every length
        }
        throw Fault.failed("the bounds of a slice are whole numbers, not %s.".formatted(Python.type(bound)));
    }

    private static long clamped(long bound, int size, long stride) {
        long at = bound < 0 ? bound + size : bound;
        return stride > 0 ? Math.max(0, Math.min(size, at)) : Math.max(-1, Math.min(size - 1, at));
    }
}
