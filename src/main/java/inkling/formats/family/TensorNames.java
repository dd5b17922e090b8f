package inkling.formats.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Removes the prefixes and parts that other programs add to the names of weights. */
public final class TensorNames {
    /** Added before every name of a model that was wrapped for training on several devices, or for adapters. */
    private static final List<String> WRAPPERS = List.of("module.", "base_model.model.");
    /** Added anywhere in a name, for a module that was compiled, spread over devices, or recomputed in the backward pass. */
    private static final Pattern WRAPPED_PARTS =
        Pattern.compile("(?<![^.])(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.");

    private TensorNames() {}

    /** {@code name} without the parts that wrappers added: {@code module.transformer.wte.weight} becomes {@code transformer.wte.weight}. */
    public static String unwrapped(String name) {
        String bare = WRAPPED_PARTS.matcher(name).replaceAll("");
        for (String wrapper : WRAPPERS) {
            bare = bare.startsWith(wrapper) ? bare.substring(wrapper.length()) : bare;
        }
        return bare;
    }

    /** The {@link #unwrapped} name, without the {@code prefix} of a format if the name begins with it. */
    public static String bare(String name, String prefix) {
        String bare = unwrapped(name);
        return bare.startsWith(prefix) ? bare.substring(prefix.length()) : bare;
    }

    /** The {@link #bare} name of each tensor → its name in the file. Two tensors with the same bare name are added to {@code faults}. */
    public static Map<String, String> byBareName(Set<String> tensors, String prefix, List<String> faults) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : tensors) {
            String twin = names.putIfAbsent(bare(name, prefix), name);
            if (twin != null) {
                faults.add("%s and %s are the same weight twice".formatted(twin, name));
            }
        }
        return names;
    }

    /**
     * The prefix that a file puts before every {@code missing} name; empty if there is no such prefix.
     *
     * @param stray names in the file that are not known
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
