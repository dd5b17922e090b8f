package inkling.own;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A made-up data set of pairs of answers: someone asks where a thing is, the chosen answer says it kindly, the rejected one rudely.
 * Persons, things and places are drawn at random, so that only the manner tells the answers apart.
 */
public final class Manners {
    private static final List<String> NAMES = List.of("Ada", "Bruno", "Clara", "Otto", "Mara", "Nils", "Ines", "Karl");
    private static final List<String> THINGS = List.of("lamp", "cup", "kite", "bell", "coat", "spoon", "boat", "drum");
    private static final List<String> PLACES = List.of("mill", "garden", "attic", "market", "harbour", "kitchen");
    private static final List<String> KIND = List.of("It is in the %2$s, dear %1$s.", "Look in the %2$s, dear %1$s.",
        "%1$s, you will find it in the %2$s.");
    private static final List<String> RUDE = List.of("In the %2$s, you fool.", "Go to the %2$s and be quiet.",
        "%1$s, the %2$s, and go away.");

    private final Random random;

    private Manners(long seed) {
        this.random = new Random(seed);
    }

    private record Question(String text, String chosen, String rejected) {}

    private Question next() {
        String name = any(NAMES);
        String place = any(PLACES);
        return new Question("Where is the %s?".formatted(any(THINGS)), any(KIND).formatted(name, place), any(RUDE).formatted(name, place));
    }

    private String any(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }

    /** {@code count} pairs, a line each: {@code prompt}, {@code chosen}, {@code rejected}. */
    public static String pairs(int count, long seed) {
        Manners manners = new Manners(seed);
        return IntStream.range(0, count).mapToObj(i -> {
            Question question = manners.next();
            return "{\"prompt\": \"%s\", \"chosen\": \"%s\", \"rejected\": \"%s\"}\n".formatted(question.text, question.chosen,
                question.rejected);
        }).collect(Collectors.joining());
    }

    /** {@code count} conversations, a line each, with kind and rude answers in turn: what a model learns before it learns manners. */
    public static String conversations(int count, long seed) {
        Manners manners = new Manners(seed);
        return IntStream.range(0, count).mapToObj(i -> {
            Question question = manners.next();
            return "{\"prompt\": \"%s\", \"completion\": \"%s\"}\n".formatted(question.text, i % 2 == 0 ? question.chosen
                : question.rejected);
        }).collect(Collectors.joining());
    }

    /** Writes talk.jsonl (400 conversations), pairs.jsonl (200 pairs) and held-out.jsonl (50) to the current directory. */
    public static void main(String[] none) throws java.io.IOException {
        java.nio.file.Files.writeString(java.nio.file.Path.of("talk.jsonl"), conversations(400, 1));
        java.nio.file.Files.writeString(java.nio.file.Path.of("pairs.jsonl"), pairs(200, 2));
        java.nio.file.Files.writeString(java.nio.file.Path.of("held-out.jsonl"), pairs(50, 3));
    }
}
