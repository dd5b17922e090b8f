package inkling.runfile;

import static inkling.runfile.ConfigCases.FULL;
import static inkling.runfile.ConfigCases.SHORTEST;
import static inkling.runfile.ConfigCases.error;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.config.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The key of each line of {@link ConfigCases#FULL}, misspelled: the message names the line, the misspelled key, its section if it has one,
 * and the intended key.
 */
@Tag("thorough")
class MisspelledKeyTest {
    static Stream<Arguments> everyLine() {
        return FULL.stream().flatMap(yaml -> IntStream.range(0, yaml.lines().toList().size())
            .mapToObj(line -> Arguments.of(yaml, line + 1, path(yaml.lines().toList(), line))));
    }

    @ParameterizedTest(name = "line {1}: {2}")
    @MethodSource("everyLine")
    void isToldWithItsLineAndTheKeyThatWasMeant(String yaml, int line, String path) {
        List<String> lines = new ArrayList<>(yaml.lines().toList());
        String key = path.substring(path.lastIndexOf('.') + 1);
        String wrong = key.charAt(0) + key.substring(0, 1) + key.substring(1);   // the first letter twice
        lines.set(line - 1, lines.get(line - 1).replaceFirst(key, wrong));
        String section = path.contains(".") ? path.substring(0, path.lastIndexOf('.')) + ": " : "";
        String expected = "x.yaml:" + line + ": " + section + "unknown key " + wrong + ". Did you mean " + key + "?";
        String message = error(String.join("\n", lines));
        assertTrue(message.lines().anyMatch(l -> l.startsWith(expected)), () -> expected + "\n" + message);
    }

    @Test
    void theCasesHoldEveryKeyOfEveryRecord() {
        Set<String> expected = new TreeSet<>();
        Keys.sections(RunConfig.class).forEach((section, keys) -> keys.forEach(k -> expected.add(section.isEmpty() ? k : section + "."
            + k)));
        // these keys stand in a list, on one line: see ConfigFileTest.blocksMayDiffer
        expected.removeAll(Set.of("model.layers.window", "model.layers.rope"));
        Set<String> found = everyLine().map(a -> (String) a.get()[2]).filter(p -> !p.endsWith(".type"))
            .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(expected, found);
        assertTrue(expected.size() > 60, "suspiciously few keys: " + expected);
    }

    @Test
    void theMessageNamesTheSectionThatAKeyBelongsTo() {
        String message = error(SHORTEST + "train: {learning_rate: 3.0e-4}\n");
        assertTrue(message.startsWith("x.yaml:4: train: unknown key learning_rate. It belongs in schedule. Allowed: max_steps,"),
            message);
        assertTrue(error(SHORTEST + "model: {seed: 1}\n").contains("unknown key seed. It belongs to the top level."));
    }

    @Test
    void manyKeysNameTheAllowedOnesOnce() {
        List<String> lines = error(SHORTEST + "max_iters: 60\nn_layer: 4\n").lines().toList();
        assertEquals(List.of("x.yaml:4: unknown key max_iters. Did you mean train.max_steps?",
            "x.yaml:5: unknown key n_layer. It belongs in model."),
            List.of(lines.get(0), lines.get(1).replaceFirst(" Allowed: name,.*", "")));
        assertTrue(lines.get(1).contains(" Allowed: name,"), lines.get(1));
    }

    @Test
    void theMessageAboutAKeyOfAnotherTypeNamesTheTypeInUse() {
        assertEquals("x.yaml:3: schedule: unknown key decay_steps. Allowed with type constant: type, learning_rate, warmup_steps.",
            error("name: a\ndata: {train: x}\nschedule: {type: constant, learning_rate: 1.0e-3, decay_steps: 3}\n"));
    }

    private static String path(List<String> lines, int line) {
        String text = lines.get(line);
        int indent = text.length() - text.stripLeading().length();
        String key = text.strip().split(":")[0];
        if (indent == 0) {
            return key;
        }
        int parent = line;
        while (lines.get(parent).length() - lines.get(parent).stripLeading().length() >= indent) {
            parent--;
        }
        return path(lines, parent) + "." + key;
    }

    /** Keys with the names that nanoGPT and Transformers give them, wherever in the file they are. */
    @Test
    void aKeyOfAnotherProgramIsTranslated() {
        assertTrue(error(SHORTEST + "block_size: 64\n").contains("unknown key block_size. Did you mean model.context_length?"));
        assertTrue(error(SHORTEST + "model: {block_size: 64}\n").contains("model: unknown key block_size. Did you mean context_length?"));
        assertTrue(error(SHORTEST + "train: {eval_iters: 64}\n").contains("unknown key eval_iters. Did you mean eval_batches?"));
        assertTrue(error(SHORTEST + "train: {min_lr: 64}\n").contains("unknown key min_lr. Did you mean schedule.min_learning_rate?"));
        Set<String> own = Keys.sections(RunConfig.class).values().stream().flatMap(List::stream).collect(Collectors.toSet());
        Keys.elsewhere(RunConfig.class).forEach((other, path) -> assertFalse(own.contains(other), other + " is a key of ours, too"));
    }
}
