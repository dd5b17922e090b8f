package inkling.template;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.template.builtin.Functions;
import inkling.template.builtin.Moment;
import inkling.template.node.Scope;
import inkling.template.syntax.TemplateParser;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.TextBuilder;
import java.util.HashMap;
import java.util.Map;

/**
 * A parsed chat template: a program in Jinja, with the settings of Transformers. Immutable; any number of threads may render at once.
 * <pre>{@code
 * Template template = Template.parse("chat_template.jinja", "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}");
 * template.render(json, Map.of("eos_token", "</s>"), now).text();   // <|user|>Hello
 * }</pre>
 * Parts of Jinja that are missing here are refused by name. Data never runs as a template, and a template cannot reach a Java object. A run
 * has limits of steps and characters that no real template reaches ({@link Budget}). Upper and lower case, and which characters
 * {@code repr} escapes, follow the Unicode version of the running Java.
 *
 * <p>Sources: the documentation of Jinja 3.1, of Python 3.11's built-in types, and of Transformers' chat templates.
 */
public final class Template {
    private static final int LONGEST_SOURCE = 1 << 20;   // in characters
    private static final int LONGEST_MESSAGE = 300;      // in characters

    private final String name;
    private final TemplateParser.Parsed parsed;

    private Template(String name, TemplateParser.Parsed parsed) {
        this.name = name;
        this.parsed = parsed;
    }

    /**
     * Reads a template.
     *
     * @param name how messages name the template, e.g. its file
     * @throws ModelFormatException if Jinja would refuse the template, if something in it is not supported here, or if it is too long or
     *     too deeply nested. Except for a template that is too long, the message has the line
     */
    public static Template parse(String name, String source) {
        if (source.length() > LONGEST_SOURCE) {
            throw new ModelFormatException("%s: has %,d characters; a template has at most %,d.".formatted(name, source.length(),
                LONGEST_SOURCE));
        }
        try {
            return new Template(name, TemplateParser.parse(source));
        } catch (Fault fault) {
            throw exception(name, fault);
        }
    }

    /**
     * Runs the template.
     *
     * @param variables a JSON object with the template's variables: {@code messages}, and others such as {@code tools}. All its strings are
     *     data, except the usual roles of messages, e.g. {@code user}
     * @param tokens further variables that count as the template's own text: {@code bos_token}, {@code eos_token} …
     * @param now the time that {@code strftime_now} formats
     * @throws ConfigException if the template refuses this conversation ({@code raise_exception})
     * @throws ModelFormatException if Jinja would end with an error, too, if something is not supported here, or if the run
     *     exceeds a limit of {@link Budget}
     */
    public Rendering render(JsonNode variables, Map<String, String> tokens, Moment now) {
        Budget budget = new Budget(JsonValues.characters(variables));
        try {
            Map<String, Object> given = new HashMap<>(Functions.all(now));
            given.putAll(JsonValues.tokens(tokens));
            given.putAll(JsonValues.variables(variables));
            TextBuilder out = new TextBuilder();
            parsed.body().run(Scope.of(given, budget).inner(parsed.names()), out);
            return Rendering.of(out.build());
        } catch (Fault fault) {
            throw exception(name, fault);
        }
    }

    private static InklingException exception(String name, Fault fault) {
        String place = fault.line().isPresent() ? name + ":" + fault.line().getAsInt() : name;
        String message = fault.getMessage().length() > LONGEST_MESSAGE ? fault.getMessage().substring(0, LONGEST_MESSAGE) + "…"
            : fault.getMessage();
        return switch (fault.kind()) {
            case RAISED -> new ConfigException("%s: the chat template refuses this conversation: %s".formatted(place,
                Printable.text(message)));
            case FAILED, UNSUPPORTED, LIMIT -> new ModelFormatException("%s: the chat template cannot be run: %s"
                .formatted(place, Printable.text(message)));
        };
    }
}
