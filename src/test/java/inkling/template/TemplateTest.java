package inkling.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import inkling.template.builtin.Moment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What templates write, as Jinja 3.1.6 in Transformers' settings writes it, and what is refused. */
class TemplateTest {
    private static final Moment NOW = new Moment(2024, 7, 6, 15, 4, 5);
    private static final String GIVEN = """
        {"s": "Hello World", "q": "it's \\"q\\"", "n": 3, "f": 2.5, "t": true, "no": null, "l": [1, 2, 3], "d": {"a": 1, "items": [1]},
         "tools": [{"k": "x", "v": 2}, {"k": "Y", "v": 1}], "messages": [{"role": "user", "content": "Hi {{ 7*7 }}"},
         {"role": "assistant", "content": "<|end|>"}]}""";

    private static Rendering render(String template) {
        JsonNode given = StrictJson.parse("given", GIVEN.getBytes(StandardCharsets.UTF_8));
        return Template.parse("test", template).render(given, Map.of("eos_token", "</s>"), NOW);
    }

    private static String text(String template) {
        return render(template).text();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '^', value = {
        "{{ 1 + 2 * 3 }} {{ 7 // 2 }} {{ 7 / 2 }} {{ -7 % 3 }} {{ 2 ** 3 }} → ^7 3 3.5 2 8^",
        "{{ [t, no, f, 'a', q, (1,), d] }} → ^[True, None, 2.5, 'a', 'it\\'s \"q\"', (1,), {'a': 1, 'items': [1]}]^",
        "{{ missing }}|{{ missing is defined }}|{{ d.zz }}|{{ d['a'] }}|{{ d.a }} → ^|False||1|1^",
        "{{ d.items()|list }} {{ d['items'] }} → ^[('a', 1), ('items', [1])] [1]^",
        "{{ s[1:4] }} {{ s[::-1] }} {{ l[-1] }} {{ l[1:] }} {{ 'é😀x'[1] }} {{ '😀'|length }} → ^ell dlroW olleH 3 [2, 3] 😀 1^",
        "{{ '  x '.strip() }} {{ 'a,b'.split(',') }} {{ 'xxax'.lstrip('x') }} {{ s.startswith(('a', 'H')) }} → ^x ['a', 'b'] ax True^",
        "{{ d|tojson }} {{ l|tojson(indent=1) }} {{ 'é<'|tojson }} {{ d|tojson(separators=(',', ':')) }} → "
            + "^{\"a\": 1, \"items\": [1]} [\n 1,\n 2,\n 3\n] \"é<\" {\"a\":1,\"items\":[1]}^",
        "{{ tools|map(attribute='k')|join('-') }} {{ tools|selectattr('v', 'gt', 1)|list|length }} {{ tools|sort(attribute='k')|first }} → "
            + "^x-Y 1 {'k': 'x', 'v': 2}^",
        "{{ 'a' if n > 2 else 'b' }} {{ 'a' if n > 5 }} {{ no or 'd' }} {{ 1 < 2 < 2 }} {{ not t }} {{ 2 in l }} → ^a  d False False True^",
        "{{ 1|foo if no else 2 }} {{ [(n is foo) if no else 3] }} {{ 4 if t else (5|foo) }} {% if no %}{{ 6|foo }}{% endif %} → ^2 [3] 4 ^",
        "{{ 'banana'|int }} {{ 'é'|int(7) }} {{ 'a_b'|float }} {{ ' 12 '|int }} {{ '1.5e3'|float }} → ^0 7 0.0 12 1500.0^",
        "{% for i in l if i != 2 %}{{ loop.index }}{{ i }}{{ ',' if not loop.last }}{% else %}none{% endfor %} → ^11,23^",
        "{% set x = 1 %}{% for i in l %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }} → ^2341^",
        "{% set ns = namespace(x=0) %}{% for i in l %}{% if i == 2 %}{% continue %}{% endif %}{% set ns.x = ns.x + i %}{% endfor %}{{ "
        + "ns.x }} → 4",
        "{% macro m(a, b='z') %}{{ a }}{{ b }}{{ varargs }}{% endmacro %}{{ m(1) }}{{ m(b=2, a=1) }}{{ m(1, 2, 3) }} → ^1z()12()12(3,)^",
        "{% macro w() %}[{{ caller(1) }}]{% endmacro %}{% call(x) w() %}{{ x + 1 }}{% endcall %} → [2]",
        "{% set x | upper %}a{{ n }}{% endset %}{{ x }}{% filter trim %}  b {% endfilter %}{% raw %}{{ n }}{% endraw %} → ^A3b{{ n }}^",
        "{{ '<'|safe + '<' }} {{ 'a' ~ 1 ~ none }} {{ 1.0 }} {{ 1e16 }} {{ 0.1 + 0.2 }} {{ 1e-5 }} → ^<&lt; a1None 1.0 1e+16 "
        + "0.30000000000000004 1e-05^",
        "{{ strftime_now('%d %B %Y, %A %-d %H:%M %I %p %j %y') }} → ^06 July 2024, Saturday 6 15:04 03 PM 188 24^",
        "{{ s|replace('l', 'L') }} {{ 'ab\\ncd'|indent(2) }} {{ ' x '|trim }} {{ 'hello wORLD'|title }} {{ no|default('d', true) }} → "
            + "^HeLLo WorLd ab\n  cd x Hello World d^",
    })
    void valuesAreThoseOfPython(String template, String expected) {
        assertEquals(expected, text(template));
    }

    @Test void whiteSpaceAroundTagsIsDropped() {
        assertEquals("a\nb\n  c", text("a\n  {% if t %}\nb\n  {% endif %}\n  c\n"));
        assertEquals("ab", text("a\n {%- if t -%}\n b{% endif %}\n"));
        assertEquals("a\n  b", text("a\n  {%+ if t %}b{% endif %}"));
        assertEquals("a  3\nb", text("a  {{ n }}\nb"), "a line end behind a value stays");
        assertEquals("ab", text("a{# c\n #}\nb"));
    }

    @Test void severalThreadsRenderANewTemplateAtOnce() throws Exception {
        String names = IntStream.range(0, 200).mapToObj(i -> "{% set a" + i + " = 1 %}").collect(Collectors.joining());
        String many = (names + "{% for i in [1] %}" + names + "{% endfor %}\n").repeat(20);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int i = 0; i < 3; i++) {
                Template template = Template.parse("test", many + "{{ a0 }}");
                Callable<String> rendering = () -> template.render(JsonNodeFactory.instance.objectNode(), Map.of(), NOW).text();
                for (Future<String> text : threads.invokeAll(Collections.nCopies(4, rendering))) {
                    assertEquals("1", text.get());
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test void dataIsToldApartFromTheTemplatesOwnText() {
        Rendering rendering = render("<|{{ messages[0].role }}|>{{ messages[0].content|upper }}{{ eos_token }}{{ tools|tojson }}{{ n }}");
        assertEquals("<|user|>HI {{ 7*7 }}</s>[{\"k\": \"x\", \"v\": 2}, {\"k\": \"Y\", \"v\": 1}]3", rendering.text());
        StringBuilder data = new StringBuilder();
        int from = 0;
        for (Rendering.Run run : rendering.runs()) {
            data.append(run.isData() ? rendering.text().substring(from, run.end()) + (run.isOfMessage(0) ? "0" : "") + "|" : "");
            from = run.end();
        }
        assertEquals("HI {{ 7*7 }}0|k|x|v|k|Y|v|", data.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ x.__class__ }}", "{{ s|xmlattr }}", "{% include 'a' %}", "{{ '%s' % n }}",
        "{% for x in l recursive %}{% endfor %}",
        "{{ d.keys }}", "{{ 9223372036854775807 + 1 }}", "{{ s.format(1) }}", "{{ ''.__class__ }}", "{{ strftime_now('%c') }}",
        "{{ lipsum() }}", "{{ '1_000'|int }}", "{{ '٣'|int }}", "{{ ' -Inf '|float }}"})
    void whatIsNotSupportedIsRefused(String template) {
        String message = assertThrows(ModelFormatException.class, () -> text(template)).getMessage();
        assertTrue(message.startsWith("test:1: the chat template cannot be run: "), message);
        assertTrue(message.contains("not supported here") || template.contains("x.__class__"), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '^',
        value = {"{{ missing.x }} → test:1: the chat template cannot be run: 'missing' is undefined",
        "{{ s + n }} → str + int is not possible", "{{ true * none }} → bool * NoneType is not possible",
        "{% if t %} → found the end of the template, expected",
        "{{ s|foo }} → no filter named foo", "{{ (s|foo) ~ (1 if no else 2) }} → no filter named foo",
        "{{ 1|foo if t else 2 }} → no filter named foo",
        "{{ s|foo }}{% if t %} → found the end of the template, expected", "{{ l.append(4) }} → would change it",
        "{{ (l|map('upper'))|tojson }} → a generator cannot be written as JSON", "{% set d.x = 1 %} → d is no namespace",
        "{{ l|select(1)|list }} → the filter select needs a name", "{{ l|reject(1)|list }} → the filter reject needs a name",
        "{{ tools|selectattr('v', 1)|list }} → the filter selectattr needs a name",
        "{{ tools|rejectattr('v', 1)|list }} → the filter rejectattr needs a name",
        "{{ tools|selectattr|list }} → the filter selectattr needs the name of an attribute",
        "{{ tools|rejectattr|list }} → the filter rejectattr needs the name of an attribute",
        "{{ 'a → the string is never ended"})
    void whatJinjaFailsAtIsToldWithItsLine(String template, String message) {
        String told = assertThrows(ModelFormatException.class, () -> text(template)).getMessage();
        assertTrue(told.contains(message), told);
        String second = assertThrows(ModelFormatException.class, () -> text("a\n" + template)).getMessage();
        assertTrue(second.startsWith("test:2: "), second);
    }

    @Test void aTemplateMayRefuseTheConversation() {
        String message = assertThrows(ConfigException.class, () -> text("{{ raise_exception('System role not supported') }}")).getMessage();
        assertEquals("test:1: the chat template refuses this conversation: System role not supported", message);
    }

    @Tag("thorough")
    @ParameterizedTest
    @ValueSource(strings = {
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(x) %}{% if x %}{{ m(x - 1) }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{{ 'a' * 1000000000 }}",
        "{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] "
        + "%}{% endfor %}"
            + "{{ ns.x == ns.y }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        "{{ [1] * 1000000000 }}",
        "{{ range(99999)|list * 9999 }}",
        "{{ 'a'|indent(1000000000) }}",
        "{{ l|tojson(indent=1000000000) }}",
        "{% for a in range(100000) %}{{ s * 1000 }}{% endfor %}",
        "{{ (s * 9999).replace('l', s * 9999) }}",
        "{{ (s * 9999)|replace('', s * 9999) }}",
        "{{ 9 ** 999999999999 }}",
        "{% set ns = namespace(x=s) %}{% for a in range(100000) %}{% set ns.x = ns.x.upper() + 'a' %}{% endfor %}",
        "{% for a in range(100000) %}{% set x = (s * 100000)[::2] %}{% endfor %}",
        "{% for a in range(99999) %}{% set x = range(99999) %}{% endfor %}",
        "{{ '' * 9223372036854775807 }}{% for a in range(9999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'x'|indent(9223372036854775807) }}",
        "{% set a = s * 100000 %}{% set b = s * 100000 %}{% for i in range(99999) %}{% set x = a == b and a <= b %}{% endfor %}"})
    void hostileTemplatesEndSoon(String template) {
        assertTimeoutPreemptively(Duration.ofSeconds(120), () -> assertThrows(ModelFormatException.class, () -> text(template)));
    }

    @Test void deepNestingIsRefusedWhileReading() {
        for (String deep : new String[] {"{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}", "{{ " + "not ".repeat(5000) + "1 }}",
            "{{ " + "-".repeat(5000) + "1 }}", "{% if 1 %}".repeat(5000), "{{ " + "[".repeat(5000) + "]".repeat(5000) + " }}"}) {
            String message = assertThrows(ModelFormatException.class, () -> text(deep)).getMessage();
            assertTrue(message.contains("more than 100 levels"), message);
        }
        assertTrue(assertThrows(ModelFormatException.class, () -> text("{{ 1" + " + 1".repeat(5000) + " }}")).getMessage()
            .contains("500 levels"));
    }
}
