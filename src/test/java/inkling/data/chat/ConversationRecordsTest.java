package inkling.data.chat;

import static inkling.Says.says;
import static inkling.data.chat.TalkFile.FIRST;
import static inkling.data.chat.TalkFile.SECOND;
import static inkling.data.chat.TalkFile.line;
import static inkling.data.chat.TalkFile.userFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.Batch;
import inkling.data.source.DataConfig.Order;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shapes in which a file may hold conversations, and the messages about faulty records and about files of other shapes. */
class ConversationRecordsTest {
    @TempDir
    Path directory;
    private TalkFile talk;

    @BeforeEach void begin() {
        talk = new TalkFile(directory);
    }

    private void assertAlike(String expected, String content) {
        Batch one = talk.first(expected);
        Batch other = talk.first(content);
        assertArrayEquals(one.ids(), other.ids(), content);
        assertArrayEquals(one.targets(), other.targets(), content);
    }

    private void assertFault(String badLine, String expected) {
        String message = userFault(() -> talk.read(FIRST + badLine + FIRST, 100));
        assertTrue(message.startsWith(talk.path() + ":2:") && message.contains(expected), message);
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
            "messages[1].tool_calls = [{}] changes what is learned, and cannot be used: conversations have Inkling's own form here");
        assertFault("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}\n",
            "content[0].type = \"image_url\" is not text");
        assertFault("{\"conversations\":[{\"from\":\"gpt\",\"value\":\"a\"}]}\n", "conversations[0].from = \"gpt\" stands first");
        assertFault("{\"instruction\":1,\"output\":\"a\"}\n", "instruction is 1, expected a string");
    }

    @Test
    void conversationsOfOtherToolsAreTheSameConversations() {
        assertAlike(FIRST, "{\"conversations\":[{\"from\":\"human\",\"value\":\"Hi\"},{\"from\":\"gpt\",\"value\":\"Yo\"}]}");
        assertAlike(FIRST, "{\"id\":\"7\",\"conversations\":[{\"from\":\"user\",\"value\":\"Hi\"},"
            + "{\"from\":\"assistant\",\"value\":\"Yo\"}]}");
        assertAlike(FIRST, "{\"conversation\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Yo\"}]}");
        assertAlike(FIRST, "{\"instruction\":\"Hi\",\"input\":\"\",\"output\":\"Yo\"}");
        assertAlike(FIRST, "{\"instruction\":\"Hi\",\"output\":\"Yo\"}");
        assertAlike(line("user", "Hi\\nthere", "assistant", "Yo"), "{\"instruction\":\"Hi\",\"input\":\"there\",\"output\":\"Yo\"}");
        assertAlike(FIRST, "{\"prompt\":\"Hi\",\"completion\":\"Yo\"}");
        assertAlike(FIRST, "{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
            + "\"completion\":[{\"role\":\"assistant\",\"content\":\"Yo\"}]}");
        assertAlike(FIRST, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"H\"},"
            + "{\"type\":\"text\",\"text\":\"i\"}]},"
            + "{\"role\":\"assistant\",\"content\":\"Yo\",\"tool_calls\":[],\"weight\":1}]}");
        assertAlike(SECOND, "{\"system\":\"S\",\"conversations\":[{\"from\":\"human\",\"value\":\"a\"},{\"from\":\"gpt\",\"value\":\"b\"},"
            + "{\"from\":\"human\",\"value\":\"c\"},{\"from\":\"gpt\",\"value\":\"d\"}]}");
        assertAlike(SECOND, "{\"system\":\"S\",\"history\":[[\"a\",\"b\"]],\"instruction\":\"c\",\"input\":\"\",\"output\":\"d\"}");
        assertAlike(FIRST, "{\"prompt\":\"never\",\"completion\":\"never\"," + FIRST.substring(1));
    }

    @Test
    void keysWithoutMeaningAreIgnoredWithARemark() {
        String named = FIRST.replace("\"user\"", "\"user\",\"name\":\"guest\"")
            .replace("{\"messages", "{\"id\":7,\"meta\":null,\"messages");
        assertAlike(FIRST, named);
        assertEquals(List.of(talk.path() + ": keys that are ignored: id, messages[].name"),
            talk.read(named, 100).remarks());
        assertEquals(List.of(), talk.read(FIRST, 100).remarks());
    }

    @Test
    void anArrayIsReadLikeLines() {
        String array = "\uFEFF [" + FIRST + "," + SECOND + "]";
        for (String same : List.of(array, array.replace("\n", ""), array.replace("{", "\n{ ").replace(":", " :\r\n  "))) {
            Conversations read = talk.read(same, 100);
            assertEquals(2, read.count());
            assertArrayEquals(talk.read(FIRST + SECOND, 100).batches(Order.SEQUENTIAL, 2, 0).at(0).ids(),
                read.batches(Order.SEQUENTIAL, 2, 0).at(0).ids());
        }
        String path = talk.path().toString();
        says(userFault(() -> talk.read("[" + FIRST + ",\n" + line("user", "a") + ",7]", 100)), path + ":3: messages = [{\"role\":\"user\"",
            "must end with a message of the assistant", "\n" + path + ":4: is 7, expected an object");
        assertEquals(path + ":2:1: not valid JSON: Unexpected end-of-input: expected close marker for Array",
            userFault(() -> talk.read("[" + FIRST, 100)));
        assertEquals(path + ":2: goes on after the end of its array.", userFault(() -> talk.read("[" + FIRST.strip() + "]\n{}", 100)));
        assertTrue(userFault(() -> talk.read("[{\"messages\":1,\"messages\":2}]", 100)).contains("Duplicate field 'messages'"));
        assertTrue(userFault(() -> talk.read("[" + FIRST.replace("Yo", "\\ud800") + "]", 100)).contains(":1: holds half a surrogate pair"));
        assertTrue(userFault(() -> talk.read("[]", 100)).contains("is empty: no conversation"));
    }

    @Test
    void theFirstTenFaultyLinesAreInOneReportAndTheRestAreCounted() {
        String bad = line("user", "a");
        String[] few = userFault(() -> talk.read(FIRST + bad + FIRST + "{\n" + line("tool", "x"), 100)).split("\n");
        assertEquals(3, few.length);
        assertTrue(few[0].contains(".jsonl:2: messages"), few[0]);
        assertTrue(few[1].contains(".jsonl:4:2: not valid"), few[1]);
        assertTrue(few[2].contains(".jsonl:5: messages[0]"), few[2]);
        assertFalse(few[1].contains("Source"), few[1]);
        String[] many = userFault(() -> talk.read(FIRST + bad.repeat(25), 100)).split("\n");
        assertEquals(11, many.length);
        assertEquals("… and 15 more faults: 25 in all.", many[10]);
        assertTrue(userFault(() -> talk.read(FIRST + bad.repeat(11), 100)).endsWith("\n… and 1 more fault: 11 in all."));
    }

    @Test
    void aFileOfAnotherShapeIsToldOnce() {
        String other = userFault(() -> talk.read("{\"id\":1,\"body\":\"x\"}\n".repeat(20), 100));
        assertTrue(other.contains(":1: has the keys id, body: no conversation that is known here. Known are messages"), other);
        assertFalse(other.contains("\n"), other);
        assertTrue(userFault(() -> talk.read("{\"text\":\"x\"}\n", 100)).contains("format: jsonl_text"));
        String pretty = userFault(() -> talk.read("{\n \"messages\": []\n}\n", 100));
        assertTrue(pretty.contains(":1:") && pretty.contains("Known are files of one JSON object a line, and of one array")
            && !pretty.contains("\n"), pretty);
        assertTrue(userFault(() -> talk.read("Once upon a time\n".repeat(30), 100)).contains("Known are files of one JSON object a line"));
    }
}
