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
 * A chat template that has been read: a program in Jinja, as Transformers sets it up. Immutable; any number of threads may render at once.
 * <pre>{@code
 * Template template = Template.parse("chat_template.jinja", "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}");
 * template.render(json, Map.of("eos_token", "</s>"), now).text();   // <|user|>Hello
 * }</pre>
 * What it cannot run exactly as Jinja does is refused by name. Nothing that it is given is ever run as a template, and no Java object can
 * be reached. A run ends after a number of steps and characters that no real template needs ({@link Budget}).
 * Sources: the documentation of Jinja 3.1, of Python 3.11's built-in types, and of Transformers' chat templates.
 */
public final class Template {
    private static final int LONGEST_SOURCE = 1 << 20;
    private static final int LONGEST_MESSAGE = 300;

    private final String name;
    private final TemplateParser.Parsed parsed;

    private Template(String name, TemplateParser.Parsed parsed) {
        this.name = name;
        this.parsed = parsed;
    }

    /**
     * Reads a template.
     *
     * @param name what messages call it, e.g. its file
     * @throws ModelFormatException with the line, if Jinja would refuse it, or something in it is not supported here
     */
    public static Template parse(String name, String source) {
        if (source.length() > LONGEST_SOURCE) {
            throw new ModelFormatException("%s: has %,d characters; a template has at most %,d.".formatted(name, source.length(),
                LONGEST_SOURCE));
        }
        try {
            return new Template(name, TemplateParser.parse(source));
        } catch (Fault fault) {
            throw told(name, fault);
        }
    }

    /**
     * Runs the template.
     *
     * @param variables what it is given, a JSON object: {@code messages}, and what else it may read. All strings in it are data, except the
     *     roles of messages, where they are among the usual ones ({@link JsonValues})
     * @param tokens further variables that count as the template's own text: {@code bos_token}, {@code eos_token} …
     * @param now what {@code strftime_now} tells
     * @throws ConfigException if the template refuses this conversation ({@code raise_exception})
     * @throws ModelFormatException if Jinja would end with an error, too, something is not supported here, or the run takes too long
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
            throw told(name, fault);
        }
    }

    private static InklingException told(String name, Fault fault) {
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
