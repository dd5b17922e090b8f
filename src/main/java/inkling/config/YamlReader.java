package inkling.config;

import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Place;
import inkling.config.Node.Scalar;
import inkling.config.Node.Sequence;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Makes a tree of a YAML text, strictly: one document, no tags, no anchors or aliases, no key twice, bounded depth. This class works on the
 * parser's events, so each scalar stays a text: nothing is resolved, converted or constructed on the way.
 */
public final class YamlReader {
    private static final int DEEPEST_NESTING = 32;
    private static final int MOST_PROBLEMS = 20;

    private static final Pattern BROKEN_ESCAPE = Pattern.compile(
        "\\\\(?:x(?!\\p{XDigit}{2})|u(?!\\p{XDigit}{4})|U(?!00(?:0\\p{XDigit}|10)\\p{XDigit}{4}))");

    private final IntFunction<Place> places;
    private final Iterator<Event> events;
    private final List<Problem> problems = new ArrayList<>();

    private YamlReader(String text, IntFunction<Place> places) {
        this.places = places;
        LoadSettings settings = LoadSettings.builder().setUseMarks(true).setCodePointLimit(text.length() + 1).build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /**
     * The one document of {@code text}; empty if the text has no value, e.g. only comments.
     *
     * @param places gives the name that messages use for a line, counted from 1
     */
    public static Optional<Node> read(String text, IntFunction<Place> places) {
        try {
            return new YamlReader(text, places).document();
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().or(e::getContextMark).map(Mark::getLine).orElse(0) + 1;
            String context = e.getContext() == null || e.getContext().isBlank() ? "" : e.getContext() + ", ";
            throw new ConfigException(MessageText.clean(places.apply(line).text() + ": not valid YAML: " + context + e.getProblem()), e);
        } catch (ReaderException e) {
            int line = (int) text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count() + 1;
            throw new ConfigException(places.apply(line).text() + ": U+%04X is a character that YAML does not allow. Delete it."
                .formatted(e.getCodePoint()), e);
        } catch (YamlEngineException e) {
            throw new ConfigException(
                MessageText.clean(places.apply(1).text() + ": not valid YAML: " + e.getMessage().replace('\n', ' ')), e);
        } catch (IllegalArgumentException e) {   // thrown by the parser itself when it decodes an escape
            int line = 1 + (int) BROKEN_ESCAPE.matcher(text).results().findFirst()
                .map(escape -> text.substring(0, escape.start()).chars().filter(c -> c == '\n').count()).orElse(0L).longValue();
            throw new ConfigException(places.apply(line).text()
                + ": not valid YAML: an escape (\\x, \\u or \\U) is cut off or names no character.", e);
        }
    }

    private Optional<Node> document() {
        next(Event.ID.StreamStart);
        Event first = events.next();
        if (first.getEventId() == Event.ID.StreamEnd) {
            return Optional.empty();
        }
        Event start = events.next();
        boolean nothing = start instanceof ScalarEvent scalar && scalar.isPlain() && scalar.getValue().isEmpty();
        Node root = node(start, 1);
        next(Event.ID.DocumentEnd);
        Event after = events.next();
        if (after.getEventId() != Event.ID.StreamEnd) {
            refuse(after, "a second document begins here; one file holds one run. Delete it, or move it into a file of its own.");
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return nothing ? Optional.empty() : Optional.of(root);
    }

    private Node node(Event event, int depth) {
        if (event instanceof AliasEvent alias) {
            refuse(event, "*%s is an alias; a run file has none. Write the value out.".formatted(alias.getAlias()));
            return new Scalar("null", true, place(event));
        }
        NodeEvent node = (NodeEvent) event;
        node.getAnchor().ifPresent(a -> refuse(event, "&%s is an anchor; a run file has none. Delete it.".formatted(a)));
        Optional<String> tag = node instanceof ScalarEvent scalar ? scalar.getTag() : ((CollectionStartEvent) node).getTag();
        tag.ifPresent(t -> refuse(event, "%s is a tag; a run file has none. Delete it.".formatted(t)));
        if (node instanceof ScalarEvent scalar) {
            return new Scalar(scalar.getValue(), scalar.isPlain(), place(event));
        }
        if (depth > DEEPEST_NESTING) {
            throw new ConfigException(place(event).text() + ": nested deeper than " + DEEPEST_NESTING + " levels.");
        }
        return node.getEventId() == Event.ID.SequenceStart ? sequence(event, depth) : mapping(event, depth);
    }

    private Sequence sequence(Event start, int depth) {
        List<Node> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Sequence(items, place(start));
    }

    private Mapping mapping(Event start, int depth) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            Node key = node(event, depth + 1);
            Node value = node(events.next(), depth + 1);
            if (!(key instanceof Scalar name)) {
                refuse(event, "a list or a mapping stands where a key is expected. Keys are plain words.");
                continue;
            }
            Entry first = entries.putIfAbsent(name.text(), new Entry(key.place(), value));
            if (first != null) {
                refuse(event, "%s is there twice, first at %s. Delete one.".formatted(name.text(), first.place().text()));
            }
        }
        return new Mapping(entries, place(start));
    }

    private void next(Event.ID expected) {
        Event event = events.next();
        if (event.getEventId() != expected) {
            throw new IllegalStateException("expected " + expected + ", found " + event);
        }
    }

    private void refuse(Event event, String message) {
        problems.add(new Problem("", MessageText.clean(place(event).text() + ": " + message)));
        if (problems.size() == MOST_PROBLEMS) {
            throw new ConfigException(problems);
        }
    }

    private Place place(Event event) {
        return places.apply(event.getStartMark().map(Mark::getLine).orElse(0) + 1);
    }
}
