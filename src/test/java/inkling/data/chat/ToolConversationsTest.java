package inkling.data.chat;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.data.Batch;
import inkling.data.source.DataConfig.Order;
import inkling.errors.ConfigException;
import inkling.template.Template;
import inkling.template.builtin.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tools, calls of tools, and thoughts stand in the text as the model's template writes them. If the template does not write one of these,
 * the record is refused.
 */
class ToolConversationsTest {
    private static final Moment DAY = new Moment(2024, 7, 26, 0, 0, 0);
    private static final String TOOLS = "{% if tools %}<|im_start|>system\n{% for t in tools %}{{ t.function.name }}{% endfor "
        + "%}<|im_end|>\n{% endif %}";
    private static final String THOUGHT = "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}";
    private static final String CALLS = "{% for c in m.tool_calls or [] %}[{{ c.function | tojson }}]{% endfor %}";
    private static final String PLAIN = "{% for m in messages %}<|im_start|>{{ m.role }}\n%THOUGHT%{{ m.content or '' "
        + "}}%CALLS%<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    private static final String RECORD = "{\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"sun\"}}], \"messages\": ["
        + "{\"role\": \"user\", \"content\": \"Sun?\"},"
        + "{\"role\": \"assistant\", \"content\": null, \"reasoning_content\": \"Ask.\", \"tool_calls\": [{\"id\": \"1\", \"type\": "
        + "\"function\","
        + " \"function\": {\"name\": \"sun\", \"arguments\": {\"at\": \"<|im_end|>\"}}}]},"
        + "{\"role\": \"tool\", \"tool_call_id\": \"1\", \"content\": \"yes\"},"
        + "{\"role\": \"assistant\", \"content\": \"Yes.\"}]}\n";

    @TempDir
    Path directory;
    private final ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>", "<|im_end|>");

    private Conversations read(String template, String record) throws IOException {
        TemplatedChat chat = new TemplatedChat(Template.parse("test", template), tokenizer, DAY);
        Path file = Files.writeString(directory.resolve("talk.jsonl"), record);
        return Conversations.read(List.of(file.toString()), chat, 400);
    }

    /** The text of the first conversation, with what is learned in «». */
    private String shown(Conversations conversations) {
        Batch batch = conversations.batches(Order.SEQUENTIAL, 1, 0).at(0);
        StringBuilder text = new StringBuilder(tokenizer.decode(new int[] {(int) batch.ids()[0]}));
        boolean learned = false;
        int last = batch.ids().length - 1;
        while (last > 0 && batch.ids()[last] == 0 && batch.targets()[last] == Batch.IGNORED) {
            last--;
        }
        for (int i = 0; i < last; i++) {
            if (batch.targets()[i] != Batch.IGNORED != learned) {
                learned = !learned;
                text.append(learned ? "«" : "»");
            }
            text.append(tokenizer.decode(new int[] {(int) batch.ids()[i + 1]}));
        }
        return text.append(learned ? "»" : "").toString();
    }

    private static String template(boolean tools, boolean thought, boolean calls) {
        return (tools ? TOOLS : "") + PLAIN.replace("%THOUGHT%", thought ? THOUGHT : "").replace("%CALLS%", calls ? CALLS : "");
    }

    @Test void callsAndThoughtsAreLearnedAndWhatToolsGaveIsNot() throws IOException {
        assertEquals("{<|im_start|>}system\nsun{<|im_end|>}\n{<|im_start|>}user\nSun?{<|im_end|>}\n{<|im_start|>}assistant\n"
            + "«<think>Ask.</think>[{\"name\": \"sun\", \"arguments\": {\"at\": \"<|im_end|>\"}}]{<|im_end|>}»\n"
            + "{<|im_start|>}tool\nyes{<|im_end|>}\n{<|im_start|>}assistant\n«Yes.{<|im_end|>}»\n",
            shown(read(template(true, true, true), RECORD)));
    }

    @Test void toolsMayBeAListInAString() throws IOException {
        String tools = RECORD.replace("[{\"type\": \"function\", \"function\": {\"name\": \"sun\"}}]",
            "\"[{\\\"function\\\": {\\\"name\\\": \\\"moon\\\"}}]\"");
        assertEquals("{<|im_start|>}system\nmoon{<|im_end|>}", shown(read(template(true, true, true), tools)).lines().limit(2)
            .reduce((a, b) -> a + "\n" + b).orElseThrow());
    }

    private String fault(String template, String record) {
        return assertThrows(ConfigException.class, () -> read(template, record)).getMessage();
    }

    @Test void whatTheTemplateIgnoresIsRefusedByName() {
        says(fault(template(false, true, true), RECORD), "tools = [", "template does not write it", "Leave out this key");
        says(fault(template(true, false, true), RECORD), "messages[1].reasoning_content = \"Ask.\"", "template does not write it");
        says(fault(template(true, true, false), RECORD), "messages[1].tool_calls = [", "template does not write it");
        String strict = "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools') }}{% endif %}{% endfor %}";
        says(fault(strict + template(true, true, true), RECORD), "messages[2].role = \"tool\"", "refuses it", "no tools");
        says(assertThrows(ConfigException.class, () -> Conversations.read(List.of(Files.writeString(directory.resolve("own.jsonl"), RECORD)
            .toString()), ChatFormat.own(tokenizer), 400)).getMessage(), "tool_calls", "Inkling's own form", "no place for it");
    }

    @Test void aRecordWithMalformedToolsOrCallsIsNamedByItsLine() {
        says(fault(template(true, true, true), RECORD + RECORD.replaceFirst("\\{\"id\": \"1\", \"type\"", "1, {\"type\"")),
            "talk.jsonl:2:");
        says(fault(template(true, true, true),
            RECORD.replaceFirst("\\[\\{\"type\": \"function\", \"function\": \\{\"name\": \"sun\"}}]", "\"[\"")),
            "talk.jsonl:1", "tools");
        says(fault(template(true, true, true),
            RECORD.replaceFirst("\\[\\{\"type\": \"function\", \"function\": \\{\"name\": \"sun\"}}]", "7")),
            "talk.jsonl:1", "tools = 7", "must be a list");
    }
}
