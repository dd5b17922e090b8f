package inkling.own;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A text that the project may give away, to train small models on: tales made from some twenty sentences of our own. Persons, things, their
 * colours and places are drawn at random. A tale names its thing, and at least one person, more than once, so a model that attends to
 * earlier tokens predicts better.
 */
final class Tales {
    private static final List<String> NAMES = List.of("Ada", "Bruno", "Clara", "Otto", "Mara", "Nils", "Ines", "Karl");
    private static final List<String> THINGS = List.of("lamp", "cup", "kite", "bell", "coat", "spoon", "boat", "drum");
    private static final List<String> COLOURS = List.of("red", "blue", "green", "white");
    private static final List<String> PLACES = List.of("mill", "garden", "attic", "market", "harbour", "kitchen");
    /** A and B people, T a thing, C its colour, P and Q places. */
    private static final List<String> TALES = List.of(
        "A found a C T in the P. A showed the T to B. \"What a fine C T!\" said B. So A gave B the T, and B took it to the Q."
            + " Now the C T is in the Q.",
        "A and B went to the P. It was raining, and they had only one C T. \"Take the T,\" said A. \"No, you take the T,\" said B."
            + " So the C T got wet, and A and B laughed all the way to the Q.",
        "Where is the C T of A? It is not in the P. B looked in the Q, and there it was. \"Thank you, B,\" said A, \"you found my T!\"",
        "A wanted to sell a C T at the P. B came from the Q and asked: \"How much is the T?\" \"It’s three apples,\" said A."
            + " B had two. So A sold the C T for two.",
        "Every evening A sits in the P and thinks of B. B sits in the Q and thinks of a C T. The T thinks of nothing.");

    private final Random random;

    private Tales(long seed) {
        this.random = new Random(seed);
    }

    /** {@code count} tales, one a line. */
    static String text(int count, long seed) {
        Tales tales = new Tales(seed);
        return IntStream.range(0, count).mapToObj(i -> tales.next() + "\n").collect(Collectors.joining());
    }

    private String next() {
        String a = any(NAMES);
        String p = any(PLACES);
        return any(TALES).replaceAll("\\bA\\b", a).replaceAll("\\bB\\b", other(NAMES, a)).replaceAll("\\bT\\b", any(THINGS))
            .replaceAll("\\bC\\b", any(COLOURS)).replaceAll("\\bP\\b", p).replaceAll("\\bQ\\b", other(PLACES, p));
    }

    private String any(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }

    private String other(List<String> words, String taken) {
        return any(words.stream().filter(word -> !word.equals(taken)).toList());
    }
}
