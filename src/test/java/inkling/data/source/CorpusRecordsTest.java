package inkling.data.source;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.tokenizer.SpecialIds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Corpora of JSON records. */
class CorpusRecordsTest extends WrittenCorpora {
    @Test
    void emptyDocumentsAreLeftOutWithARemark() {
        String path = file("x.jsonl", "{\"text\":\"\"}\n{\"text\":\"a\"}\n{\"text\":\"\"}\n{\"text\":\"b\",\"meta\":{\"id\":7}}\n");
        Corpus corpus = jsonLines(path);
        assertEquals("a<|endoftext|>b", ids(corpus.whole()));
        assertEquals(2, corpus.documents());
        assertEquals(Map.of(Path.of(path), 3L), corpus.tokensByFile(BYTES, SpecialIds.of(BYTES)));
        assertEquals(List.of(path + ": 2 of 4 documents are empty and left out"), corpus.remarks());
    }

    @Test
    void anArrayOfTextsIsReadAndAnotherShapeTold() {
        assertEquals("a<|endoftext|>b", ids(jsonLines(file("x.json", "[\n  {\"text\": \"a\"},\r\n  {\"text\": \"b\"}\n]\n")).whole()));
        assertEquals(List.of(), jsonLines(file("x.json", "[{\"text\": \"a\"},\r\n{\"text\": \"b\"}]")).remarks());
        assertTrue(userFault(() -> jsonLines(file("mark.jsonl", "\uFEFF"))).contains("mark.jsonl is empty"));
        String other = userFault(() -> jsonLines(file("c.jsonl", "{\"content\":\"a\"}\n{\"content\":\"b\"}\n")));
        assertTrue(other.endsWith("c.jsonl:1: has the keys content, and no text: a document is {\"text\": …}. Conversations are read with"
            + " format: messages."), other);
        String faults = userFault(() -> jsonLines(file("f.jsonl", "{\"text\":\"a\"}\n{\"text\":1}\n{}\n")));
        assertTrue(faults.contains("f.jsonl:2: text is 1") && faults.contains("\n")
            && faults.contains("f.jsonl:3: text is missing"), faults);
    }

    @Test
    void aRemarkTellsThatJsonRecordsAreReadAsText() {
        String talk = "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}\n";
        String path = file("talk.jsonl", talk);
        assertEquals(talk, ids(text(path).whole()));
        assertEquals(1, text(path).remarks().size());
        says(text(path).remarks().get(0), path, "JSON", "as plain text", "messages", "data.format");
        for (String records : List.of("[\n {\"instruction\": \"a\"", "{\"conversations\":[", "{\"prompt\":\"a\",\"completion\":\"b\"}")) {
            assertTrue(text(file("r", records)).remarks().get(0).contains("Format messages"), records);
        }
        assertTrue(text(file("r", "{\"id\": 1, \"text\": \"a\"}")).remarks().get(0).contains("Format jsonl_text"));
        for (String prose : List.of("{ text: 1 }", "He wrote {\"text\": \"a\"}", "{\"name\": \"x\", \"version\": 1}",
            "[1] \"text\": \"a\"")) {
            assertEquals(List.of(), text(file("p", prose)).remarks(), prose);
        }
    }

    @Test
    void blankLinesBetweenRecordsAreLeftOut() {
        String records = "\uFEFF\n{\"text\":\"a\"}\n\r\n \t\n{\"text\":\"b\"}\n\n";
        assertEquals("a<|endoftext|>b", ids(jsonLines(file("blank.jsonl", records)).whole()));
        String message = userFault(() -> jsonLines(file("blank.jsonl", records + "{}\n")));
        assertTrue(message.contains("blank.jsonl:7: text is missing"), message);
    }

    @Test
    void badJsonLinesAreNamedWithFileAndLine() {
        List<String> faults = new ArrayList<>();
        for (String bad : List.of("{\"text\":\"a\"", "{\"text\":1}", "{\"txt\":\"a\"}", "[\"a\"]", "{\"text\":\"a\",\"text\":\"b\"}",
            "{\"text\":\"a\"} x", "{\"text\":\"\\ud800\"}")) {
            String path = file("x.jsonl", "{\"text\":\"fine\"}\n" + bad + "\n{\"text\":\"fine\"}\n");
            String message = userFault(() -> jsonLines(path));
            assertTrue(message.startsWith(path + ":2:"), message);
            assertTrue(!message.startsWith(path + ":2:1: not"), message);
            faults.add(message.substring(path.length()));
        }
        assertTrue(faults.get(1).contains("text is 1, expected a string"), faults.get(1));
        assertTrue(faults.get(2).contains("text is missing"), faults.get(2));
    }
}
