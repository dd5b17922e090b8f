package inkling.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.errors.InklingException;
import inkling.io.json.StrictJson;
import inkling.template.builtin.Moment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** 74 real chat templates with five conversations each, and what Jinja makes of them. */
class ChatTemplatesTest {
    private static final Moment DAY = Moment.parse("2024-07-26").orElseThrow();
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

    @Test void realTemplatesWriteWhatJinjaWrites() {
        JsonNode goldens = StrictJson.parse(Fixtures.shared("data/chat-templates/goldens.json"));
        Map<String, String> wrong = new TreeMap<>();
        List<String> refused = new ArrayList<>();
        int equal = 0;
        int failing = 0;
        for (Map.Entry<String, JsonNode> golden : goldens.get("expected").properties()) {
            String[] key = golden.getKey().split("\\|");
            boolean ok = golden.getValue().get(0).asText().equals("ok");
            String expected = golden.getValue().get(1).asText();
            try {
                String text = Template.parse(key[0], goldens.get("templates").get(key[0]).asText())
                    .render(goldens.get("contexts").get(key[1]), TOKENS, DAY).text();
                if (ok && text.equals(expected)) {
                    equal++;
                } else {
                    wrong.put(golden.getKey(), text);
                }
            } catch (InklingException e) {
                if (ok) {
                    refused.add(golden.getKey() + ": " + e.getMessage());
                } else {
                    failing++;
                }
            }
        }
        int all = goldens.get("expected").size();
        System.out.printf("chat templates: %d of %d as they must be (%d equal, %d failing), %d refused, %d wrong%n", equal + failing, all, equal,
            failing, refused.size(), wrong.size());
        assertEquals(Map.of(), wrong);
        assertTrue(refused.size() <= all * 3 / 100, String.join("\n", refused));
    }
}
