package inkling.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.data.source.JsonRecords;
import inkling.data.source.Reading;
import inkling.data.source.RecordFaults;
import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.io.json.JsonFields;
import inkling.io.text.TextFiles;
import inkling.tasks.Item.Ending;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Reads the items of a task's file one after the other. A record becomes a context and endings as in lm-evaluation-harness's tasks
 * {@code hellaswag}, {@code lambada_openai}, {@code arc_easy}, {@code arc_challenge} and {@code piqa}, without solved examples before the
 * question. Files can have the form that the authors published, or the form that they have on Hugging Face's hub. Keys of a record
 * that the task does not use are ignored.
 */
final class TaskRecords {
    /** Receives each item; {@code number} counts from 0. */
    interface Visitor {
        /** @throws ModelFormatException if this item has a fault; reading then goes on with the next item */
        void item(Item item, long number);
    }

    /** The keys of a record, for messages. */
    private static final Map<Task.Form, String> KNOWN = Map.of(
        Task.Form.HELLASWAG, "activity_label, ctx_a, ctx_b, endings and label",
        Task.Form.LAMBADA, "text (or, without JSON, a passage a line)",
        Task.Form.ARC, "question (a text, or stem and choices), choices (text and label) and answerKey",
        Task.Form.PIQA, "goal, sol1, sol2 and, without a file of labels, label",
        Task.Form.OWN, "context, endings and label");
    /**
     * Some keys of each form, by which its records are known. A record with none of the keys that are listed here for its task's form is a
     * fault; if it is the first record, reading ends there. If such a record has all keys that are listed for another form, the message
     * names that form.
     */
    private static final Map<Task.Form, List<String>> MARKS = Map.of(Task.Form.HELLASWAG, List.of("ctx_a", "endings"),
        Task.Form.ARC, List.of("question", "answerKey"), Task.Form.PIQA, List.of("goal", "sol1"), Task.Form.LAMBADA, List.of("text"),
        Task.Form.OWN, List.of("context", "endings"));
    /** The characters that Python's {@code str.strip} removes. */
    private static final String SPACE = "[\\t-\\r\\x1c-\\x1f\\x85\\p{Z}]";
    private static final Pattern ENDS = Pattern.compile("\\A" + SPACE + "+|" + SPACE + "+\\z");
    private static final Pattern BRACKETS = Pattern.compile("\\[[^\\n]*?\\]");

    private final Task task;
    private final List<Integer> labels;

    private TaskRecords(Task task, List<Integer> labels) {
        this.task = task;
        this.labels = labels;
    }

    /**
     * Gives each item to {@code visitor}.
     *
     * @throws ConfigException with a line for each of the first ten faults, including those that the visitor throws. Also if there is no
     *     item, and at once if the first record has none of the {@link #MARKS} of its form
     */
    static void read(Task task, Visitor visitor) {
        RecordFaults faults = new RecordFaults();
        TaskRecords records = new TaskRecords(task, task.labels().map(file -> labels(file, faults)).orElse(List.of()));
        long[] count = new long[1];
        Visitor counting = (item, number) -> {
            count[0] = number + 1;
            visitor.item(item, number);
        };
        if (task.form() == Task.Form.LAMBADA && !isJson(task.file())) {
            records.passages(faults, counting);
        } else {
            JsonRecords.read(task.file(), Reading.PRESENT, faults, (object, number) -> {
                count[0] = number + 1;
                counting.item(records.item(object, number), number);
            });
        }
        if (task.labels().isPresent() && count[0] != records.labels.size()) {
            faults.add("%s has %s, %s has %s: they do not belong together.".formatted(task.labels().get(),
                Printable.counted(records.labels.size(), "label"), task.file(), Printable.counted(count[0], "item")));
        }
        faults.throwIfAny();
        if (count[0] == 0) {
            throw new ConfigException("%s is empty: there is nothing to answer.".formatted(task.file()));
        }
    }

    private static List<Integer> labels(Path file, RecordFaults faults) {
        List<Integer> labels = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(TextFiles.openAny(file))) {
            int at = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                at++;
                boolean valid = line.strip().matches("[01]");
                if (!valid && !line.isBlank()) {
                    faults.add("%s:%d: \"%s\" is no label, expected 0 or 1.".formatted(file, at, line));
                }
                if (!line.isBlank()) {
                    labels.add(valid ? Integer.parseInt(line.strip()) : 0);
                }
            }
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
        return labels;
    }

    private static boolean isJson(Path file) {
        try (BufferedReader reader = new BufferedReader(TextFiles.openAny(file))) {
            int c = reader.read();
            while (c >= 0 && Character.isWhitespace(c)) {
                c = reader.read();
            }
            return c == '{' || c == '[';
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    /** Reads LAMBADA as its authors published it: one passage a line. */
    private void passages(RecordFaults faults, Visitor visitor) {
        try (BufferedReader lines = new BufferedReader(TextFiles.openAny(task.file()))) {
            long number = 0;
            long at = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                at++;
                if (!line.isBlank()) {
                    try {
                        visitor.item(lastWord(task.file() + ":" + at, line), number++);
                    } catch (ModelFormatException e) {
                        faults.add(e.getMessage());
                    }
                }
            }
        } catch (IOException e) {
            throw FileFaults.cannot("read", task.file(), e);
        }
    }

    private Item item(JsonFields record, long number) {
        if (MARKS.get(task.form()).stream().noneMatch(record::has)) {
            String other = MARKS.entrySet().stream()
                .filter(form -> form.getKey() != task.form() && form.getValue().stream().allMatch(record::has))
                .map(form -> form.getKey() == Task.Form.OWN
                ? " It looks like a task of one's own: give it a name of your own, e.g. mine=%s."
                    .formatted(task.file()) : " It looks like %s: write %1$s=%s.".formatted(form.getKey().word(), task.file()))
                .findFirst().orElse("");
            String fault = "%s: has the keys %s: no item of %s, which has %s.%s".formatted(record.source(),
                String.join(", ", record.names()),
                task.form() == Task.Form.OWN ? "a task of one's own" : task.form().word(), KNOWN.get(task.form()), other);
            throw number == 0 ? new ConfigException(fault) : new ModelFormatException(fault);
        }
        return switch (task.form()) {
            case HELLASWAG -> hellaswag(record);
            case LAMBADA -> lastWord(record.source(), record.requireString("text"));
            case ARC -> arc(record);
            case PIQA -> piqa(record, number);
            case OWN -> own(record);
        };
    }

    private static Item hellaswag(JsonFields record) {
        String second = record.has("ctx_b") ? record.requireString("ctx_b") : "";
        String context = record.requireString("ctx_a") + " " + capitalized(second);
        List<Ending> endings = record.requireStrings("endings").stream().map(ending -> Ending.spaced(plain(ending))).toList();
        return new Item(record.source(), plain(record.requireString("activity_label") + ": " + context), endings,
            label(record, "label", endings.size()));
    }

    /** The text without the marks that come from WikiHow's articles, such as {@code [header]}. */
    private static String plain(String text) {
        String stripped = ENDS.matcher(text).replaceAll("").replace(" [title]", ". ");
        return BRACKETS.matcher(stripped).replaceAll("").replace("  ", " ");
    }

    /** As Python's {@code str.capitalize}: the first character in title case, all others in lower case. */
    private static String capitalized(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return Character.toString(Character.toTitleCase(first)) + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
    }

    private static Item lastWord(String source, String text) {
        int space = text.lastIndexOf(' ');
        return new Item(source, space < 0 ? "" : text.substring(0, space), List.of(Ending.spaced(text.substring(space + 1))), 0);
    }

    private static Item arc(JsonFields record) {
        boolean nested = record.node().path("question").isObject();
        JsonFields question = nested ? record.requireObject("question") : record;
        String stem = question.requireString(nested ? "stem" : "question");
        List<String> texts;
        List<String> names;
        if (question.node().path("choices").isArray()) {
            List<JsonFields> choices = question.requireObjects("choices");
            texts = choices.stream().map(choice -> choice.requireString("text")).toList();
            names = choices.stream().map(choice -> choice.requireString("label")).toList();
        } else {
            JsonFields choices = question.requireObject("choices");
            texts = choices.requireStrings("text");
            names = choices.requireStrings("label");
        }
        String key = record.requireString("answerKey");
        if (texts.size() != names.size()) {
            throw record.fault("choices", "has %d texts and %d labels.".formatted(texts.size(), names.size()));
        }
        if (!names.contains(key)) {
            throw record.fault("answerKey", "is none of the choices' labels: %s.".formatted(String.join(", ", names)));
        }
        return new Item(record.source(), "Question: " + stem + "\nAnswer:", texts.stream().map(Ending::spaced).toList(),
            names.indexOf(key));
    }

    private Item piqa(JsonFields record, long number) {
        List<Ending> endings = List.of(Ending.spaced(record.requireString("sol1")), Ending.spaced(record.requireString("sol2")));
        if (task.labels().isEmpty() && !record.has("label")) {
            throw record.fault("label", "is missing. A file of labels is given as piqa=%s,LABELS.".formatted(task.file()));
        }
        int label = task.labels().isEmpty() ? label(record, "label", 2) : number < labels.size() ? labels.get((int) number) : 0;
        return new Item(record.source(), "Question: " + record.requireString("goal") + "\nAnswer:", endings, label);
    }

    /**
     * Reads an item of a user's own task. One space is put between context and ending, unless the context is empty or there is white space
     * already.
     */
    private static Item own(JsonFields record) {
        String context = record.requireString("context");
        List<String> texts = record.requireStrings("endings");
        if (texts.size() < 2) {
            throw record.fault("endings", "must have at least 2 endings to choose from.");
        }
        IntStream.range(0, texts.size()).filter(i -> texts.get(i).isBlank()).findFirst().ifPresent(i -> {
            throw record.fault("endings", "has no text at %d (counted from 0).".formatted(i));
        });
        boolean spaced = context.isEmpty() || Character.isWhitespace(context.charAt(context.length() - 1));
        List<Ending> endings = texts.stream().map(text -> {
            Ending plain = Ending.spaced(text.stripLeading());
            return spaced || Character.isWhitespace(text.charAt(0)) ? new Ending(text, plain.bytes()) : plain;
        }).toList();
        return new Item(record.source(), context, endings, label(record, "label", endings.size()));
    }

    /** The index of the right ending: a number, or a string of digits as in Hugging Face's files. */
    private static int label(JsonFields record, String key, int endings) {
        JsonNode node = record.node().path(key);
        String text = node.isIntegralNumber() || node.isTextual() ? node.asText() : "";
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) >= endings) {
            throw record.fault(key, "must be a whole number from 0 to %d: which of the endings is right.".formatted(endings - 1));
        }
        return Integer.parseInt(text);
    }
}
