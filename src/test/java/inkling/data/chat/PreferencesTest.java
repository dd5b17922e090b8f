package inkling.data.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.Batch;
import inkling.data.EvaluationWindows;
import inkling.data.source.DataConfig.Order;
import inkling.errors.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreferencesTest {
    private static final ChatTokenizer TOKENIZER = new ChatTokenizer("<|endoftext|>");
    private static final String ASKED = "{\"role\": \"user\", \"content\": \"Hi\"}";
    private static final String GOOD = "{\"role\": \"assistant\", \"content\": \"Yo\"}";
    private static final String BAD = "{\"role\": \"assistant\", \"content\": \"No!\"}";
    private static final String PLAIN = "{\"prompt\": \"Hi\", \"chosen\": \"Yo\", \"rejected\": \"No!\"}\n";

    @TempDir
    Path directory;

    private Preferences read(String content, int contextLength) {
        try {
            Path file = Files.writeString(directory.resolve("pairs.jsonl"), content);
            return Preferences.read(List.of(file.toString()), ChatFormat.own(TOKENIZER), contextLength);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Batch first(Preferences pairs) {
        return pairs.batches(Order.SEQUENTIAL, 1, 0).at(0);
    }

    private static String shown(Batch batch, int row) {
        return TOKENIZER.decode(Arrays.stream(batch.targets(), row * batch.columns(), (row + 1) * batch.columns()).filter(id -> id >= 0)
            .mapToInt(Math::toIntExact).toArray());
    }

    private String refused(String content) {
        return assertThrows(ConfigException.class, () -> read(content, 64)).getMessage();
    }

    @Test void onlyTheAnswersAndTheirEndsCount() {
        Batch batch = first(read(PLAIN, 64));
        assertTrue(batch.isPaired());
        assertEquals(1, batch.lossCount());
        assertEquals("Yo{<|endoftext|>}", shown(batch, 0));
        assertEquals("No!{<|endoftext|>}", shown(batch, 1));
        int[] tokens = TOKENIZER.encodePlain("<|user|>\nHi\n<|assistant|>\nYo");
        for (int i = 0; i < tokens.length; i++) {
            assertEquals(tokens[i], batch.ids()[i]);
        }
        String earlier = "{\"prompt\": [%s, %s, {\"role\": \"user\", \"content\": \"and?\"}], \"chosen\": \"A\", \"rejected\": \"B\"}\n"
            .formatted(ASKED, GOOD);
        assertEquals("A{<|endoftext|>}", shown(first(read(earlier, 100)), 0), "earlier answers are part of the prompt");
    }

    @Test void aPairGivesTheSameTokensInEachShape() {
        Batch expected = first(read(PLAIN, 64));
        for (String shape : new String[] {
            "{\"prompt\": [%s], \"chosen\": \"Yo\", \"rejected\": [%s]}".formatted(ASKED, BAD),
            "{\"prompt\": \"Hi\", \"chosen\": [%s], \"rejected\": [%s], \"score\": 3}".formatted(GOOD, BAD),
            "{\"chosen\": [%s, %s], \"rejected\": [%s, %s]}".formatted(ASKED, GOOD, ASKED, BAD),
            "{\"prompt\": \"Hi\", \"chosen\": [%s, %s], \"rejected\": [%s, %s]}".formatted(ASKED, GOOD, ASKED, BAD),
            ("{\"chosen\": [{\"from\": \"human\", \"value\": \"Hi\"}, {\"from\": \"gpt\", \"value\": \"Yo\"}], \"rejected\": [%s, "
            + "%s]}").formatted(ASKED, BAD),
            "[\n" + PLAIN + "]"}) {
            Batch batch = first(read(shape, 64));
            assertArrayEquals(expected.ids(), batch.ids(), shape);
            assertArrayEquals(expected.targets(), batch.targets(), shape);
        }
        assertTrue(read(PLAIN.replace("}", ", \"score\": 3}"), 64).remarks().get(0).contains("ignored: score"));
        String system = PLAIN.replace("{", "{\"system\": \"S\", ");
        assertTrue(TOKENIZER.decode(Arrays.stream(first(read(system, 64)).ids()).limit(11).mapToInt(Math::toIntExact).toArray())
            .startsWith("<|system|>"));
    }

    @Test void pairsThatAreTooLongOrHaveEqualAnswersAreLeftOutAndCounted() {
        String long1 = "{\"prompt\": \"Hi\", \"chosen\": \"%s\", \"rejected\": \"b\"}\n".formatted("x".repeat(80));
        String equal = "{\"prompt\": \"Hi\", \"chosen\": \"b\", \"rejected\": \"b\"}\n";
        Preferences some = read(PLAIN + long1 + equal + PLAIN, 64);
        assertEquals(2, some.count());
        assertTrue(some.remarks().get(0).contains("1 of 4 pairs are longer than context_length 64: they are left out"),
            some.remarks().toString());
        assertTrue(some.remarks().get(1).contains("1 of 4 pairs have two equal answers"), some.remarks().toString());
        String none = refused(long1 + equal);
        assertTrue(none.contains("none of 2 pairs can be learned from: 1 are longer than context_length 64 + 1 tokens, 1 have two "
            + "equal answers"), none);
        assertTrue(refused("").contains("is empty: no pair"));
        int longest = "<|user|>\nHi\n<|assistant|>\nNo!.\n".length();   // in tokens; the full stop stands for <|endoftext|>
        assertEquals(1, read(PLAIN, longest - 1).count());
        assertThrows(ConfigException.class, () -> read(PLAIN, longest - 2));
    }

    @Test void badPairsComeInOneReportEachWithItsLine() {
        String message = refused(PLAIN + "{\"prompt\": \"a\", \"chosen\": \"b\"}\n{\"chosen\": \"a\", \"rejected\": \"b\"}\n"
            + "{\"prompt\": \"a\", \"chosen\": [], \"rejected\": \"b\"}\n"
            + "{\"chosen\": [%s, %s], \"rejected\": [{\"role\": \"user\", \"content\": \"other\"}, %s]}\n".formatted(ASKED, GOOD, BAD)
            + "{\"prompt\": \"x\", \"chosen\": [%s, %s], \"rejected\": [%s, %s]}\n".formatted(ASKED, GOOD, ASKED, BAD)
            + "{\"prompt\": \"a\", \"chosen\": [%s], \"rejected\": [%s, %s]}\n".formatted(GOOD, ASKED, BAD)
            + "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\", \"images\": [1]}\n"
            + "{\"prompt\": \"a\", \"chosen\": [%s, %s], \"rejected\": \"c\"}\n".formatted(GOOD, ASKED));
        for (String part : new String[] {":2: has the keys prompt, chosen: no pair of answers that is known here. Known are prompt, chosen",
            ":3: prompt", "the answers alone do not say what was asked", ":4: chosen", "is an empty list",
            ":5: rejected", "up to the first answer that differs, both must be the same",
            ":6: prompt = \"x\" is not among the user's messages",
            ":7: rejected", "is a whole conversation, and chosen an answer alone", ":8: images", ":9:"}) {
            assertTrue(message.contains(part), part + "\n" + message);
        }
        assertTrue(refused("{\"messages\": []}\n").contains("Conversations without a second answer are read with format: messages"));
    }

    @Test void aBatchHasTheReferenceOfItsRows() {
        String other = PLAIN.replace("Yo", "Ye");
        Preferences two = read(PLAIN + other, 64).withReference(new double[] {-1, -2, -3, -4});
        assertArrayEquals(new double[] {-1, -2, -3, -4, -1, -2}, two.batches(Order.SEQUENTIAL, 3, 0).at(0).reference());
        Batch part = two.batches(Order.SEQUENTIAL, 3, 0).at(0).part(2, 4);
        assertArrayEquals(new double[] {-3, -4}, part.reference());
        assertEquals("Ye{<|endoftext|>}", shown(part, 0));
        for (Batch batch : new Batch[] {two.batches(Order.RANDOM, 8, 5).at(3), two.windows(4, 2, 5).iterator().next()}) {
            for (int r = 0; r < batch.rows(); r += 2) {
                boolean first = shown(batch, r).startsWith("Yo");
                assertEquals(first ? -1 : -3, batch.reference()[r]);
                assertEquals(first ? -2 : -4, batch.reference()[r + 1]);
                assertEquals("No!{<|endoftext|>}", shown(batch, r + 1));
            }
        }
        EvaluationWindows all = two.windows(1);
        List<String> chosen = new ArrayList<>();
        all.forEach(batch -> chosen.add(shown(batch, 0)));
        assertEquals(List.of("Yo{<|endoftext|>}", "Ye{<|endoftext|>}"), chosen);
        assertThrows(IllegalArgumentException.class, () -> two.withReference(new double[2]));
    }

    @Test void theTailOfAFileIsForValidation() {
        Preferences.Split split = read(PLAIN.repeat(3) + PLAIN.replace("Yo", "Ye"), 64).split(0.25);
        assertEquals(3, split.training().count());
        assertEquals("Ye{<|endoftext|>}", shown(first(split.validation()), 0));
        assertFalse(shown(first(split.training()), 0).startsWith("Ye"));
        assertTrue(assertThrows(ConfigException.class, () -> read(PLAIN, 64).split(0.5)).getMessage().contains("both need at least 1"));
    }
}
