package inkling.formats.peft;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.regex.PatternSyntaxException;

/**
 * The modules to which adapter_config.json gives adapters, by PEFT's rules. {@code target_modules} is a list or a string. A list holds
 * names, or ends of dotted names: {@code c_proj}, {@code attn.c_proj}, {@code h.0.attn.c_proj}. A string is a regular expression for the
 * whole name, except {@code all-linear}, which means every linear but the unembedding.
 */
record PeftTargets(JsonFields fields) {
    private static final String TARGETS = "target_modules";
    private static final String EXCLUDED = "exclude_modules";
    private static final String LAYERS = "layers_to_transform";
    private static final String PATTERN = "layers_pattern";

    /** @throws ModelFormatException if target_modules is no list or string, an empty list, or a string beside layers_to_transform */
    static PeftTargets read(JsonFields fields) {
        JsonNode targets = fields.node().path(TARGETS);
        if (!targets.isTextual() && fields.requireStrings(TARGETS).isEmpty()) {
            throw fields.fault(TARGETS, "names no module.");
        }
        if (fields.has(LAYERS) && targets.isTextual()) {
            throw fields.fault(LAYERS, "is only possible if target_modules is a list, as in PEFT.");
        }
        return new PeftTargets(fields);
    }

    /** The modules that have adapters. If {@code target_modules} is a list, they are in the order of this list. */
    List<PeftModule> chosen(PeftModule.All modules) {
        Predicate<String> excluded = fields.has(EXCLUDED) ? matching(EXCLUDED) : name -> false;
        Predicate<String> named = matching(TARGETS).and(excluded.negate());
        for (String other : isAllLinear() ? List.<String>of() : modules.others()) {
            if (test(named, other)) {
                throw fields.fault(TARGETS, "is not supported: it matches %s; only linear weights of blocks can have adapters."
                    .formatted(other));
            }
        }
        List<PeftModule> chosen = new ArrayList<>(modules.linears());
        chosen.removeIf(module -> !test(named, module.name()) || !inLayers(module));
        if (chosen.isEmpty()) {
            throw fields.fault(TARGETS, "matches no linear weight of this model; there are %s.".formatted(String.join(", ",
                modules.linears().stream().filter(module -> module.block() == 0).map(PeftModule::name).toList())));
        }
        if (fields.node().path(TARGETS).isArray()) {
            List<String> names = fields.requireStrings(TARGETS);
            ToIntFunction<PeftModule> place = module -> (int) names.stream().takeWhile(name -> !isCalled(module.name(), name)).count();
            chosen.sort(Comparator.comparingInt(place));
        }
        return chosen;
    }

    private boolean isAllLinear() {
        return fields.node().path(TARGETS).asText().equalsIgnoreCase("all-linear");
    }

    private Predicate<String> matching(String key) {
        if (!fields.node().path(key).isTextual()) {
            List<String> names = fields.requireStrings(key);
            return module -> names.stream().anyMatch(name -> isCalled(module, name));
        }
        if (key.equals(TARGETS) && isAllLinear()) {
            return module -> true;
        }
        try {
            return PythonPattern.fullMatch(fields.requireString(key));
        } catch (PatternSyntaxException e) {
            throw fault(key, e);
        }
    }

    private static boolean isCalled(String module, String name) {
        return module.equals(name) || module.endsWith("." + name);
    }

    private boolean test(Predicate<String> named, String module) {
        try {
            return named.test(module);
        } catch (PatternSyntaxException e) {
            throw fault(fields.node().path(TARGETS).isTextual() ? TARGETS : EXCLUDED, e);
        }
    }

    private ModelFormatException fault(String key, PatternSyntaxException e) {
        return fields.fault(key, "is a regular expression that cannot be used: %s%s. Write a list of names instead."
            .formatted(e.getDescription(), e.getIndex() < 0 ? "" : " (at character %d)".formatted(e.getIndex() + 1)));
    }

    /**
     * Whether {@code layers_to_transform} (a block's number, or a list of numbers) includes the module's block, or is missing or empty. The
     * key {@code layers_pattern} is the name of the list of blocks in module names, e.g. {@code layers}.
     */
    private boolean inLayers(PeftModule module) {
        if (!fields.has(LAYERS)) {
            return true;
        }
        JsonNode pattern = fields.node().path(PATTERN);
        String blocks = module.blocks();
        boolean usual = !fields.has(PATTERN) || pattern.isContainerNode() && pattern.isEmpty() || pattern.asText().equals(blocks)
            || pattern.size() == 1 && pattern.path(0).asText().equals(blocks);
        if (!usual) {
            throw fields.fault(PATTERN, "is not supported: it must be null or \"%s\", the name of the blocks in this model."
                .formatted(blocks));
        }
        List<Long> layers = fields.node().path(LAYERS).isArray() ? fields.requireLongs(LAYERS) : List.of((long) fields.requireInt(LAYERS));
        return layers.isEmpty() || layers.contains((long) module.block());
    }
}
