package inkling.formats.family;

import inkling.io.tensors.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What other programs put around the names of weights, and the constants that they store beside them. */
public final class TensorNames {
    /** Before all names: a model that was wrapped to be trained on several devices, or to have adapters. */
    private static final List<String> WRAPPERS = List.of("module.", "base_model.model.");
    /** Anywhere: a module that was compiled, spread over devices, or recomputed in the backward pass. */
    private static final Pattern WRAPPED_PARTS =
        Pattern.compile("(?<![^.])(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.");
    private static final Set<String> ROTARY = Set.of("inv_freq", "original_inv_freq", "cos_cached", "sin_cached");
    private static final Set<String> MASKS = Set.of("bias", "mask", "causal_mask", "tril");

    private TensorNames() {}

    /** {@code name} without what a wrapper put around it: {@code module.transformer.wte.weight} is {@code transformer.wte.weight}. */
    public static String unwrapped(String name) {
        String bare = WRAPPED_PARTS.matcher(name).replaceAll("");
        for (String wrapper : WRAPPERS) {
            bare = bare.startsWith(wrapper) ? bare.substring(wrapper.length()) : bare;
        }
        return bare;
    }

    /** {@link #unwrapped}, and without the {@code prefix} of a format, which may be there or not. */
    public static String bare(String name, String prefix) {
        String bare = unwrapped(name);
        return bare.startsWith(prefix) ? bare.substring(prefix.length()) : bare;
    }

    /**
     * Whether a tensor that is no weight of a model is a constant that the configuration determines: rotary frequencies or tables,
     * position numbers, or a causal mask, which is square where a bias is a row.
     */
    public static boolean isConstant(String name, TensorInfo tensor) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        List<Long> shape = tensor.shape();
        if (last.equals("masked_bias")) {
            return tensor.elements() == 1;
        }
        if (last.equals("position_ids")) {
            return tensor.elements() == (shape.isEmpty() ? 1 : shape.get(shape.size() - 1));
        }
        return ROTARY.contains(last) || MASKS.contains(last) && isSquare(shape);
    }

    /** (n, n), or that behind ones. */
    private static boolean isSquare(List<Long> shape) {
        int n = shape.size();
        return n >= 2 && shape.get(n - 1).equals(shape.get(n - 2)) && shape.subList(0, n - 2).stream().allMatch(size -> size == 1);
    }

    /**
     * What stands before every one of the {@code missing} names in a file; empty unless one prefix explains them all.
     *
     * @param stray names of the file that nothing is known of
     */
    public static Optional<String> prefix(List<String> missing, Set<String> stray) {
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        String first = missing.get(0);
        Predicate<String> explains = prefix -> missing.stream().allMatch(name -> stray.contains(prefix + name));
        return stray.stream().filter(name -> name.endsWith(first)).map(name -> name.substring(0, name.length() - first.length()))
            .filter(explains).findFirst();
    }
}
