package inkling.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ConfigException;
import inkling.formats.ChatTemplate;
import inkling.io.json.StrictJson;
import inkling.template.Rendering;
import inkling.template.Template;
import inkling.template.builtin.Moment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Chat templates of which the fuzz tests make damaged ones. They use what real templates use. Some of the pieces that are put into them,
 * such as {@code range(99999)}, could make a template run long. All templates are rendered for the same conversation.
 */
final class TemplateSeeds {
    static final String FILE = "chat_template.jinja";

    private static final Pattern PARTS = Pattern.compile("\\{[%{#][-+]?|[-+]?[%}#]\\}|'[^'\n]*'|\\w+|\\s+|.", Pattern.DOTALL);
    private static final String[] PIECES = {"*", "**", "~", "|", ".", "[::-1]", "[0]", "(", ")", "range(99999)", "999999999",
        "'a' * 9999999", "loop",
        "ns", "macro", "endmacro", "endfor", "recursive", "caller()", "|list", "|tojson(indent=9999999)", "|indent(9999999)", "|join",
        "|map('list')",
        "is", "not", "in", "if", "else", "for x in range(9999)", "__class__", ".format(1)", "%}{%", "}}{{", "{#", "raw", "none",
        "-", "\"", "\\"};
    private static final JsonNode CONVERSATION = StrictJson.parse("conversation", """
        {"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi {{ 7 * 7 }} <|im_end|>"},
         {"role": "assistant", "content": "<think>a</think>Yes", "tool_calls": [{"function": {"name": "f", "arguments": {"x": [1, 2.5, \
         null]}}}]},
         {"role": "user", "content": [{"type": "text", "text": "é😀"}]}], "tools": [{"name": "f"}], "add_generation_prompt": true}
        """.getBytes(StandardCharsets.UTF_8));
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
    private static final Moment DAY = new Moment(2024, 7, 26, 12, 30, 0);

    private TemplateSeeds() {}

    static List<byte[]> templates() {
        return TextSeeds.utf8("""
            {%- set ns = namespace(last=messages|length - 1, seen=[]) -%}
            {%- for message in messages[::-1] if message.role != 'system' %}
                {%- set index = (messages|length - 1) - loop.index0 %}
                {%- if message.content is string and not (message.content.startswith('<t>') and message.content.endswith('</t>')) %}
                    {%- set ns.last = index %}{%- break %}
                {%- endif %}
            {%- endfor %}
            {%- for message in messages %}
            {{- '<|im_start|>' + message['role'] ~ '\\n' }}
                {%- if message.content is string %}{{- message.content.split('</think>')[-1].lstrip('\\n')|trim }}
                {%- else %}{% for part in message.content %}{{ part.text|upper if part.type == 'text' else '?' }}{% endfor %}{%- endif %}
                {%- for call in message.tool_calls or [] %}{{ call.function|tojson(indent=2) }}{%- endfor %}
            {{- '<|im_end|>\\n' }}{%- set ns.seen = ns.seen + [loop.index] %}
            {%- endfor %}
            {%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
            """, """
            {%- macro show(value, depth=0) %}
              {%- if value is mapping %}{% for key, item in value|dictsort %}{{ '  ' * depth }}{{ key }}: {{ show(item, depth + 1) }}{% \
              endfor %}
              {%- elif value is iterable and value is not string %}[{% for item in value %}{{ show(item, depth + 1) }}, {% endfor %}]
              {%- else %}{{ value|default('none', true)|string|indent(2) }}{% endif %}
            {%- endmacro -%}
            {{ bos_token }}{{ strftime_now('%d %b %Y') }}{# a comment #}
            {% filter replace('a', 'b') %}{{ show({'t': tools, 'm': messages}) }}{% endfilter %}
            {% set text %}{% generation %}{{ messages|map(attribute='role')|unique|join(', ') }}{% endgeneration %}{% endset %}
            {{ text[1:-1:2] }}{{ (3 // 2, 3 % 2, -3 / 2, 2 ** 5, 1 < 2 <= 2, 'a' in text, not true) }}{{ eos_token }}
            {% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}{{ 1 }}{% endcall %}{% raw %}{{ x }}{% endraw %}{% with a = 1, \
            b = a %}{{ a ~ b }}{% endwith %}
            {{ raise_exception('no') if messages|selectattr('role', 'equalto', 'tool')|list|length > 0 else '' }}
            """);
    }

    /**
     * A copy with one to four faults. In three of four copies they remove, replace or add whole words, marks or quoted strings, so that
     * many copies are still templates.
     */
    static byte[] mutate(byte[] seed, Random random) {
        if (random.nextInt(4) == 0) {
            return Mutations.mutate(seed, random);
        }
        List<String> parts = new ArrayList<>();
        for (Matcher matcher = PARTS.matcher(new String(seed, StandardCharsets.UTF_8)); matcher.find();) {
            parts.add(matcher.group());
        }
        for (int faults = 1 + random.nextInt(4); faults > 0 && !parts.isEmpty(); faults--) {
            int at = random.nextInt(parts.size());
            String other = random.nextBoolean() ? PIECES[random.nextInt(PIECES.length)] : parts.get(random.nextInt(parts.size()));
            switch (random.nextInt(3)) {
                case 0 -> parts.remove(at);
                case 1 -> parts.set(at, other);
                default -> parts.add(at, " " + other + " ");
            }
        }
        return String.join("", parts).getBytes(StandardCharsets.UTF_8);
    }

    static void render(Path directory) {
        Template template = Template.parse(FILE, ChatTemplate.read(directory).text().orElseThrow());
        try {
            Rendering rendering = template.render(CONVERSATION, TOKENS, DAY);
            int end = rendering.runs().isEmpty() ? 0 : rendering.runs().get(rendering.runs().size() - 1).end();
            Format.require(end == rendering.text().length(), "runs end at " + end + " of " + rendering.text().length());
        } catch (ConfigException e) {   // raise_exception
            Format.require(e.getMessage().contains("refuses this conversation"), e.getMessage());
        }
    }
}
