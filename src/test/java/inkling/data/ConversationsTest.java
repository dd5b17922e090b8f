package inkling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.DataConfig.Order;
import inkling.io.ConfigException;
import inkling.io.ExitCode;
import inkling.io.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationsTest {
    private static final ChatTokenizer TOKENIZER = new ChatTokenizer("<|endoftext|>");
    private static final int END = 256;
    private static final String FIRST = line("user", "Hi", "assistant", "Yo");
    private static final String SECOND = line("system", "S", "user", "a", "assistant", "b", "user", "c", "assistant", "d");

    @TempDir
    Path directory;

    private static String line(String... rolesAndContents) {
        StringBuilder messages = new StringBuilder();
        for (int i = 0; i < rolesAndContents.length; i += 2) {
            String message = "{\"role\":\"%s\",\"content\":\"%s\"}".formatted(rolesAndContents[i], rolesAndContents[i + 1]);
            messages.append(i == 0 ? "" : ",").append(message);
        }
        return "{\"messages\":[" + messages + "]}\n";
    }

    private Path file(String content) {
        try {
            return Files.writeString(directory.resolve("talk.jsonl"), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Conversations read(String content, int contextLength) {
        return Conversations.read(List.of(file(content).toString()), ChatFormat.own(TOKENIZER), contextLength);
    }

    private static String shown(long[] ids) {
        return TOKENIZER.decode(Arrays.stream(ids).filter(id -> id >= 0).mapToInt(Math::toIntExact).toArray());
    }

    @Test
    void theTargetsAreTheAssistantsTokensAndTheirEnd() {
        String text = "<|user|>\nHi\n<|assistant|>\nYo{<|endoftext|>}\n";
        Batch batch = read(FIRST, 64).batches(Order.SEQUENTIAL, 1, 0).at(0);
        int[] tokens = TOKENIZER.encodePlain("<|user|>\nHi\n<|assistant|>\nYo?\n");
        tokens[tokens.length - 2] = END;
        assertEquals(text, TOKENIZER.decode(tokens));
        for (int i = 0; i < 64; i++) {
            assertEquals(i < tokens.length ? tokens[i] : 0, batch.ids()[i], "input " + i);
            boolean learned = i + 1 >= tokens.length - 4 && i + 1 < tokens.length - 1;
            assertEquals(learned ? tokens[i + 1] : Batch.IGNORED, batch.targets()[i], "target " + i);
        }
        assertEquals(3, batch.targetCount());
    }

    @Test
    void changingAQuestionChangesNoTargetAndChangingAnAnswerDoes() {
        long[] targets = read(FIRST, 64).batches(Order.SEQUENTIAL, 1, 0).at(0).targets();
        assertArrayEquals(targets, read(FIRST.replace("Hi", "Ho"), 64).batches(Order.SEQUENTIAL, 1, 0).at(0).targets());
        assertFalse(Arrays.equals(targets, read(FIRST.replace("Yo", "No"), 64).batches(Order.SEQUENTIAL, 1, 0).at(0).targets()));
    }

    @Test
    void longConversationsAreCutAtATurnAndCounted() {
        int whole = "<|system|>\nS\n<|user|>\na\n<|assistant|>\nb.\n<|user|>\nc\n<|assistant|>\nd.\n".length();
        int firstAnswer = "<|system|>\nS\n<|user|>\na\n<|assistant|>\nb.\n".length();
        assertEquals(List.of(), read(SECOND, whole - 1).remarks());
        Conversations cut = read(SECOND, whole - 2);
        assertEquals(1, cut.remarks().size());
        String expected = "1 of 1 conversations are longer than context_length " + (whole - 2);
        assertTrue(cut.remarks().get(0).contains(expected), cut.remarks().get(0));
        Batch batch = cut.batches(Order.SEQUENTIAL, 1, 0).at(0);
        assertEquals("b{<|endoftext|>}", shown(batch.targets()));
        assertEquals("b{<|endoftext|>}", shown(read(SECOND, firstAnswer - 1).batches(Order.SEQUENTIAL, 1, 0).at(0).targets()));
        Conversations some = read(FIRST + line("user", "x".repeat(80), "assistant", "y"), 40);
        assertEquals(1, some.count());
        assertTrue(some.remarks().get(0).contains("1 of 2 conversations have no answer within context_length 40"), some.remarks().get(0));
    }

    @Test
    void anUnfinishableSetIsRefused() {
        String message = userFault(() -> read(FIRST + SECOND, 8));
        assertTrue(message.contains("none of 2 conversations has an answer within context_length 8 + 1 tokens"), message);
        assertTrue(userFault(() -> read("", 8)).contains("is empty: no conversation"));
    }

    @Test
    void eachConversationBeginsARow() {
        Conversations two = read(FIRST + SECOND, 100);
        Batch batch = two.batches(Order.SEQUENTIAL, 3, 0).at(0);
        assertEquals("Yo{<|endoftext|>}", shown(Arrays.copyOfRange(batch.targets(), 0, 100)));
        assertEquals("b{<|endoftext|>}d{<|endoftext|>}", shown(Arrays.copyOfRange(batch.targets(), 100, 200)));
        assertEquals("Yo{<|endoftext|>}", shown(Arrays.copyOfRange(batch.targets(), 200, 300)));
        long[] next = two.batches(Order.SEQUENTIAL, 3, 0).at(1).targets();
        assertEquals("b{<|endoftext|>}d{<|endoftext|>}", shown(Arrays.copyOfRange(next, 0, 100)));
        long[] drawn = two.batches(Order.RANDOM, 8, 5).at(3).ids();
        assertArrayEquals(drawn, two.batches(Order.RANDOM, 8, 5).at(3).ids());
    }

    @Test
    void evaluationReadsEachOnceOrTheSameDrawnOnes() {
        Conversations two = read(FIRST + SECOND, 100);
        assertEquals(2, two.windows(8).windows());
        assertEquals(3 + 4, two.windows(8).tokens());
        assertEquals(2 + 2, two.windows(8).bytes(TOKENIZER));
        assertEquals(6, two.windows(2, 3, 1).windows());
        assertEquals(two.windows(2, 3, 1).tokens(), two.windows(2, 3, 1).tokens());
    }

    @Test
    void theLastConversationsValidate() {
        Conversations all = read(FIRST.repeat(9) + SECOND, 100);
        Conversations.Split parts = all.split(0.1);
        assertEquals(9, parts.training().count());
        assertEquals(4, parts.validation().windows(1).tokens());
        assertEquals(Sha256.of(FIRST.repeat(9) + SECOND), all.sha256());
        assertTrue(userFault(() -> read(FIRST, 100).split(0.1)).contains("leaves 0 of 1 conversations to train on"));
    }

    @Test
    void wrongLinesAreNamedWithFileAndLine() {
        assertFault(line("assistant", "a"), "messages[0].role = \"assistant\" stands first");
        assertFault(line("user", "a", "user", "b", "assistant", "c"), "messages[1].role = \"user\" follows user");
        assertFault(line("user", "a", "assistant", "b", "assistant", "c"), "messages[2].role = \"assistant\" follows assistant");
        assertFault(line("user", "a", "system", "b", "assistant", "c"), "messages[1].role = \"system\" follows user");
        assertFault(line("system", "a", "assistant", "c"), "messages[1].role = \"assistant\" follows system");
        assertFault(line("tool", "a"), "messages[0].role = \"tool\" is none of system, user, assistant");
        assertFault(line("user", "a"), "must end with a message of the assistant");
        assertFault("{\"messages\":[]}\n", "must end with a message of the assistant");
        assertFault("{\"text\":\"a\"}\n", "messages is missing");
        assertFault("{\"messages\":[{\"role\":\"user\"}]}\n", "messages[0].content is missing");
        assertFault("{\"messages\":[{\"role\":\"user\",\"content\":[1]}]}\n", "messages[0].content is an array, expected a string");
        assertFault("{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"name\":\"b\"}]}\n", "unknown field messages[0].name");
        assertFault("\n", "is empty");
    }

    private void assertFault(String badLine, String expected) {
        String message = userFault(() -> read(FIRST + badLine + FIRST, 100));
        assertTrue(message.startsWith(directory.resolve("talk.jsonl") + ":2:") && message.contains(expected), message);
    }

    private static String userFault(Runnable work) {
        ConfigException e = assertThrows(ConfigException.class, work::run);
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        return e.getMessage();
    }
}
