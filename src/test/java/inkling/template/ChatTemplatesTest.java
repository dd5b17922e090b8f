package inkling.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.errors.InklingException;
import inkling.io.json.StrictJson;
import inkling.template.builtin.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Chat templates must write several conversations as Jinja2 does. Some templates are our own; {@code bench/chat-templates/record} recorded
 * what Jinja2 makes of them. The other 74 are real ones, if {@code ../shared} has them. Of the real ones' cases, Inkling may refuse up to
 * 3 %.
 */
class ChatTemplatesTest {
    private static final Moment DAY = Moment.parse("2024-07-26").orElseThrow();
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
    private static final Path OWN = Path.of("src/test/resources/inkling/chat-templates");

    @Test void ourTemplatesWriteWhatJinjaWrites() throws IOException {
        Map<String, String> templates = new TreeMap<>();
        try (Stream<Path> files = Files.list(OWN)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".jinja")).toList()) {
                templates.put(file.getFileName().toString().replace(".jinja", ""), Files.readString(file));
            }
        }
        JsonNode contexts = StrictJson.parse(OWN.resolve("contexts.json"));
        JsonNode expected = StrictJson.parse(OWN.resolve("expected.json"));
        assertEquals(templates.size() * contexts.size(), expected.size(), "every template with every conversation");
        assertFalse(expected.isEmpty());
        assertEquals(List.of(), refused(templates, contexts, expected));
    }

    @Test void realTemplatesWriteWhatJinjaWrites() {
        for (Path file : Fixtures.sharedIfThere("data/chat-templates/goldens.json").toList()) {
            JsonNode goldens = StrictJson.parse(file);
            Map<String, String> templates = new TreeMap<>();
            goldens.get("templates").properties().forEach(template -> templates.put(template.getKey(), template.getValue().asText()));
            List<String> refused = refused(templates, goldens.get("contexts"), goldens.get("expected"));
            assertTrue(refused.size() <= goldens.get("expected").size() * 3 / 100, String.join("\n", refused));
        }
    }

    /**
     * Compares what each template writes with what Jinja2 writes. Where Jinja2 fails, Inkling must fail, too.
     *
     * @param expected for each {@code TEMPLATE|CONTEXT}: {@code ["ok", text]} if Jinja2 writes the text, or another word and why it failed
     * @return the cases that Jinja2 writes and Inkling refuses
     */
    private static List<String> refused(Map<String, String> templates, JsonNode contexts, JsonNode expected) {
        Map<String, String> wrong = new TreeMap<>();
        List<String> refused = new ArrayList<>();
        for (Map.Entry<String, JsonNode> golden : expected.properties()) {
            String[] key = golden.getKey().split("\\|");
            boolean ok = golden.getValue().get(0).asText().equals("ok");
            try {
                String text = Template.parse(key[0], templates.get(key[0])).render(contexts.get(key[1]), TOKENS, DAY).text();
                if (!ok || !text.equals(golden.getValue().get(1).asText())) {
                    wrong.put(golden.getKey(), text);
                }
            } catch (InklingException e) {
                if (ok) {
                    refused.add(golden.getKey() + ": " + e.getMessage());
                }
            }
        }
        assertEquals(Map.of(), wrong);
        return refused;
    }
}
