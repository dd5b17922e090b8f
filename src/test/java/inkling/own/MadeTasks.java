package inkling.own;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Made-up items in the file formats in which tasks are published and in Inkling's own, with the names and things of {@link Tales}. */
public final class MadeTasks {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NAMES = List.of("Ada", "Bruno", "Clara", "Otto", "Mara", "Nils", "Ines", "Karl");
    private static final List<String> THINGS = List.of("lamp", "cup", "kite", "bell", "coat", "spoon", "boat", "drum");
    private static final List<String> PLACES = List.of("mill", "garden", "attic", "market", "harbour", "kitchen");

    private final Random random;

    private MadeTasks(long seed) {
        this.random = new Random(seed);
    }

    private String any(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }

    /** {@code count} endings in random order. The one that only names a place is likely after "went to", the others are not. */
    private List<String> endings(int count) {
        List<String> all = new ArrayList<>(List.of("the " + any(PLACES) + ".", "the " + any(THINGS) + ", you know, of "
            + any(NAMES) + " é.",
            "three", "laughed all the way to " + any(PLACES)));
        List<String> some = all.subList(0, count);
        Collections.shuffle(some, random);
        return some;
    }

    private static String lines(int count, long seed, BiFunction<MadeTasks, ObjectNode, ObjectNode> item) {
        MadeTasks made = new MadeTasks(seed);
        return IntStream.range(0, count).mapToObj(i -> item.apply(made, JSON.createObjectNode()) + "\n").collect(Collectors.joining());
    }

    private static void put(ObjectNode node, String key, List<String> values) {
        ArrayNode array = node.putArray(key);
        values.forEach(array::add);
    }

    /** {@code hellaswag_val.jsonl}, with the marks that WikiHow's articles left. */
    public static String hellaswag(int count, long seed) {
        return lines(count, seed, (made, node) -> {
            String thing = made.any(THINGS);
            node.put("ind", 7).put("activity_label", "Finding a " + thing).put("ctx_a", made.any(NAMES) + " found a " + thing + ".")
                .put("ctx_b", made.any(NAMES) + " SAID [step] it").put("ctx", "unused").put("split", "val");
            put(node, "endings", made.endings(4).stream()
                .map(ending -> made.random.nextInt(3) == 0 ? " [header] " + ending + " [title] So." : ending)
                .toList());
            return node.put("label", made.random.nextInt(4));
        });
    }

    /** {@code lambada_test.jsonl}. */
    public static String lambada(int count, long seed) {
        return lines(count, seed, (made, node) -> node.put("text", made.any(NAMES) + " gave " + made.any(NAMES) + " the " + made.any(THINGS)
            + ", and took it to the " + made.any(PLACES)));
    }

    /** {@code ARC-Easy-Test.jsonl}. */
    public static String arc(int count, long seed) {
        return lines(count, seed, (made, node) -> {
            ObjectNode question = node.put("id", "Mercury_1").putObject("question").put("stem", "Where is the " + made.any(THINGS) + "?");
            ArrayNode choices = question.putArray("choices");
            int number = 3 + made.random.nextInt(2);
            List<String> endings = made.endings(number);
            for (int i = 0; i < number; i++) {
                choices.addObject().put("text", endings.get(i)).put("label", String.valueOf((char) ('A' + i)));
            }
            return node.put("answerKey", String.valueOf((char) ('A' + made.random.nextInt(number))));
        });
    }

    /** {@code valid.jsonl}; its labels are {@link #piqaLabels}. */
    public static String piqa(int count, long seed) {
        return lines(count, seed, (made, node) -> node.put("goal", "find the " + made.any(THINGS))
            .put("sol1", "look in the " + made.any(PLACES))
            .put("sol2", "ask " + made.any(NAMES) + " of the " + made.any(PLACES)));
    }

    public static String piqaLabels(int count, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, count).mapToObj(i -> random.nextInt(2) + "\n").collect(Collectors.joining());
    }

    /** Inkling's own form. */
    public static String own(int count, long seed) {
        return lines(count, seed, (made, node) -> {
            int number = 2 + made.random.nextInt(3);
            put(node.put("context", made.any(NAMES) + " and " + made.any(NAMES) + " went to"), "endings", made.endings(number));
            return node.put("label", made.random.nextInt(number));
        });
    }
}
