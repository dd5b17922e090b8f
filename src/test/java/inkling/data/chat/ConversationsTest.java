package inkling.data.chat;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.Batch;
import inkling.data.Shard;
import inkling.data.source.DataConfig.Order;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
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
    void ofEveryFileTheLastConversationsValidate() throws IOException {
        List<String> files = List.of(Files.writeString(directory.resolve("1.jsonl"), FIRST.repeat(5)).toString(),
            Files.writeString(directory.resolve("2.jsonl"), SECOND.repeat(10)).toString());
        ChatFormat format = ChatFormat.own(TOKENIZER);
        Conversations.Split parts = Conversations.read(files, format, 100).split(0.2);
        assertEquals(4 + 8, parts.training().count());
        assertEquals(3 + 2 * 4, parts.validation().windows(1).tokens());
        List<String> texts = Conversations.trainingTexts(files, Reading.PRESENT, 0.2);
        assertEquals(12, texts.size());
        assertEquals(4, texts.indexOf(texts.get(11)), "four of the first, then those of the second");
        Conversations.Split once = Conversations.read(files, Reading.VERSION_0_1, format, 100).split(0.2);
        assertEquals(12, once.training().count());
        assertEquals(3 * 4, once.validation().windows(1).tokens(), "version 0.1 cut all of them once");
        assertEquals(5, Conversations.trainingTexts(files, Reading.VERSION_0_1, 0.2).indexOf(texts.get(11)));
        List<String> single = List.of(Files.writeString(directory.resolve("3.jsonl"), FIRST).toString(), directory + "/3.jsonl");
        assertTrue(userFault(() -> Conversations.read(single, format, 100).split(0.5)).contains(
            "leaves 0 of 2 conversations to train on and 2 to validate on; both need at least 1. Each of the 2 files is cut."));
    }

    @Test
    void aRunOfVersion01LooksAtMessagesAlone() throws IOException {
        String more = FIRST.replace("{\"messages\"", "{\"system\": \"S\", \"weight\": 0, \"messages\"");
        List<String> file = List.of(Files.writeString(directory.resolve("more.jsonl"), more).toString());
        Conversations of01 = Conversations.read(file, Reading.VERSION_0_1, ChatFormat.own(TOKENIZER), 100);
        assertArrayEquals(first(FIRST).ids(), of01.batches(Order.SEQUENTIAL, 1, 0).at(0).ids());
        assertEquals(List.of(), of01.remarks());
        assertTrue(userFault(() -> Conversations.read(file, ChatFormat.own(TOKENIZER), 100))
            .contains("weight = 0 changes what is learned"));
    }

    @Test
    void wrongLinesAreNamedWithFileAndLine() {
        assertFault(line("assistant", "a"), "messages[0].role = \"assistant\" stands first");
        assertFault(line("user", "a", "user", "b", "assistant", "c"), "messages[1].role = \"user\" follows user");
        assertFault(line("user", "a", "assistant", "b", "assistant", "c"), "messages[2].role = \"assistant\" follows assistant");
        assertFault(line("user", "a", "system", "b", "assistant", "c"), "messages[1].role = \"system\" follows user");
        assertFault(line("system", "a", "assistant", "c"), "messages[1].role = \"assistant\" follows system");
        assertFault(line("judge", "a"), "messages[0].role = \"judge\" is none of system, user, assistant");
        assertFault(line("tool", "a"), "messages[0].role = \"tool\" stands first");
        assertFault(line("user", "a"), "must end with a message of the assistant");
        assertFault("{\"messages\":[]}\n", "must end with a message of the assistant");
        assertFault("{\"text\":\"a\"}\n", "has the keys text: no conversation that is known here");
        assertFault("{\"messages\":[{\"role\":\"user\"}]}\n", "messages[0].content is missing");
        assertFault("{\"messages\":[{\"role\":\"user\",\"content\":[1]}]}\n", "messages[0].content[0] is 1, expected an object");
        assertFault("{\"messages\":[{\"role\":\"user\",\"content\":{}}]}\n", "messages[0].content is an object, expected a string");
        assertFault(line("user", "a").replace("}]", ",\"weight\":0}]"), "messages[0].weight = 0 changes what is learned");
        assertFault(line("user", "a").replace("}]", ",\"tool_calls\":[{}]}]"), "messages[0].tool_calls = [{}] changes what is learned");
        assertFault(line("user", "a", "assistant", "b").replace("}]", ",\"tool_calls\":[{}]}]"),
            "messages[1].tool_calls = [{}] changes what is learned, and cannot be: conversations have Inkling's own form here");
        assertFault("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}\n",
            "content[0].type = \"image_url\" is not text");
        assertFault("{\"conversations\":[{\"from\":\"gpt\",\"value\":\"a\"}]}\n", "conversations[0].from = \"gpt\" stands first");
        assertFault("{\"instruction\":1,\"output\":\"a\"}\n", "instruction is 1, expected a string");
    }

    /** The first batch, which tells both what is read and what is learned. */
    private Batch first(String content) {
        return read(content, 100).batches(Order.SEQUENTIAL, 1, 0).at(0);
    }

    private void assertSame(String expected, String content) {
        Batch one = first(expected);
        Batch other = first(content);
        assertArrayEquals(one.ids(), other.ids(), content);
        assertArrayEquals(one.targets(), other.targets(), content);
    }

    @Test
    void conversationsOfOtherToolsAreTheSameConversations() {
        assertSame(FIRST, "{\"conversations\":[{\"from\":\"human\",\"value\":\"Hi\"},{\"from\":\"gpt\",\"value\":\"Yo\"}]}");
        assertSame(FIRST, "{\"id\":\"7\",\"conversations\":[{\"from\":\"user\",\"value\":\"Hi\"},"
            + "{\"from\":\"assistant\",\"value\":\"Yo\"}]}");
        assertSame(FIRST, "{\"conversation\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Yo\"}]}");
        assertSame(FIRST, "{\"instruction\":\"Hi\",\"input\":\"\",\"output\":\"Yo\"}");
        assertSame(FIRST, "{\"instruction\":\"Hi\",\"output\":\"Yo\"}");
        assertSame(line("user", "Hi\\nthere", "assistant", "Yo"), "{\"instruction\":\"Hi\",\"input\":\"there\",\"output\":\"Yo\"}");
        assertSame(FIRST, "{\"prompt\":\"Hi\",\"completion\":\"Yo\"}");
        assertSame(FIRST, "{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
            + "\"completion\":[{\"role\":\"assistant\",\"content\":\"Yo\"}]}");
        assertSame(FIRST, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"H\"},"
            + "{\"type\":\"text\",\"text\":\"i\"}]},"
            + "{\"role\":\"assistant\",\"content\":\"Yo\",\"tool_calls\":[],\"weight\":1}]}");
        assertSame(SECOND, "{\"system\":\"S\",\"conversations\":[{\"from\":\"human\",\"value\":\"a\"},{\"from\":\"gpt\",\"value\":\"b\"},"
            + "{\"from\":\"human\",\"value\":\"c\"},{\"from\":\"gpt\",\"value\":\"d\"}]}");
        assertSame(SECOND, "{\"system\":\"S\",\"history\":[[\"a\",\"b\"]],\"instruction\":\"c\",\"input\":\"\",\"output\":\"d\"}");
        assertSame(FIRST, "{\"prompt\":\"never\",\"completion\":\"never\"," + FIRST.substring(1));
    }

    @Test
    void keysThatSayNothingAreReadOverAndSaid() {
        String named = FIRST.replace("\"user\"", "\"user\",\"name\":\"guest\"")
            .replace("{\"messages", "{\"id\":7,\"meta\":null,\"messages");
        assertSame(FIRST, named);
        assertEquals(List.of(directory.resolve("talk.jsonl") + ": keys that are read over: id, messages[].name"),
            read(named, 100).remarks());
        assertEquals(List.of(), read(FIRST, 100).remarks());
    }

    @Test
    void oneArrayIsReadAsLinesAre() {
        String array = "\uFEFF [" + FIRST + "," + SECOND + "]";
        for (String same : List.of(array, array.replace("\n", ""), array.replace("{", "\n{ ").replace(":", " :\r\n  "))) {
            Conversations read = read(same, 100);
            assertEquals(2, read.count());
            assertArrayEquals(read(FIRST + SECOND, 100).batches(Order.SEQUENTIAL, 2, 0).at(0).ids(),
                read.batches(Order.SEQUENTIAL, 2, 0).at(0).ids());
        }
        String talk = directory.resolve("talk.jsonl").toString();
        says(userFault(() -> read("[" + FIRST + ",\n" + line("user", "a") + ",7]", 100)), talk + ":3: messages = [{\"role\":\"user\"",
            "must end with a message of the assistant", "\n" + talk + ":4: is 7, expected an object");
        assertEquals(talk + ":2:1: not valid JSON: Unexpected end-of-input: expected close marker for Array",
            userFault(() -> read("[" + FIRST, 100)));
        assertEquals(talk + ":2: goes on behind the end of its array.", userFault(() -> read("[" + FIRST.strip() + "]\n{}", 100)));
        assertTrue(userFault(() -> read("[{\"messages\":1,\"messages\":2}]", 100)).contains("Duplicate field 'messages'"));
        assertTrue(userFault(() -> read("[" + FIRST.replace("Yo", "\\ud800") + "]", 100)).contains(":1: holds half a surrogate pair"));
        assertTrue(userFault(() -> read("[]", 100)).contains("is empty: no conversation"));
    }

    @Test
    void allFaultyLinesAreInOneReport() {
        String bad = line("user", "a");
        String[] few = userFault(() -> read(FIRST + bad + FIRST + "{\n" + line("tool", "x"), 100)).split("\n");
        assertEquals(3, few.length);
        assertTrue(few[0].contains(".jsonl:2: messages"), few[0]);
        assertTrue(few[1].contains(".jsonl:4:2: not valid"), few[1]);
        assertTrue(few[2].contains(".jsonl:5: messages[0]"), few[2]);
        assertFalse(few[1].contains("Source"), few[1]);
        String[] many = userFault(() -> read(FIRST + bad.repeat(25), 100)).split("\n");
        assertEquals(11, many.length);
        assertEquals("… and 15 more faults: 25 in all.", many[10]);
    }

    @Test
    void aFileOfAnotherShapeIsToldOnce() {
        String other = userFault(() -> read("{\"id\":1,\"body\":\"x\"}\n".repeat(20), 100));
        assertTrue(other.contains(":1: has the keys id, body: no conversation that is known here. Known are messages"), other);
        assertFalse(other.contains("\n"), other);
        assertTrue(userFault(() -> read("{\"text\":\"x\"}\n", 100)).contains("format: jsonl_text"));
        String pretty = userFault(() -> read("{\n \"messages\": []\n}\n", 100));
        assertTrue(pretty.contains(":1:") && pretty.contains("Known are files of one JSON object a line, and of one array")
            && !pretty.contains("\n"), pretty);
        assertTrue(userFault(() -> read("Once upon a time\n".repeat(30), 100)).contains("Known are files of one JSON object a line"));
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

    /** Every batch of a worker's share of what another process reads is one of those very conversations, with the same targets. */
    @Test
    void othersReadWhatWasWrittenAndShareIt() {
        Conversations all = read((FIRST + SECOND).repeat(3) + FIRST, 48);
        Conversations read = Conversations.of(all.write(directory.resolve("chats.tokens"), Sha256.of("chats"), END + 1), 48);
        assertEquals(7, read.count());
        Batch expected = all.batches(Order.SEQUENTIAL, 7, 0).at(0);
        Batch whole = read.batches(Order.SEQUENTIAL, 7, 0).at(0);
        assertArrayEquals(expected.ids(), whole.ids());
        assertArrayEquals(expected.targets(), whole.targets());
        int first = 0;
        for (int worker = 0; worker < 3; worker++) {
            Conversations share = read.shard(new Shard(worker, 3));
            Batch batch = share.batches(Order.SEQUENTIAL, share.count(), 0).at(0);
            assertArrayEquals(Arrays.copyOfRange(expected.targets(), first * 48, (first + share.count()) * 48), batch.targets());
            first += share.count();
        }
        assertEquals(7, first, "every conversation is in a share");
        ConfigException many = assertThrows(ConfigException.class, () -> read.shard(new Shard(0, 8)));
        assertTrue(many.getMessage().contains("cluster.workers = 8") && many.getMessage().contains("only 7"), many.getMessage());
    }
}
