package inkling.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page of the documentation, and the commands on it that a reader would type. */
record DocsPage(String name, String text) {
    private static final Pattern FENCED = Pattern.compile("(?ms)^```([a-z]*)\n(.*?)^```");
    private static final Pattern COMMAND = Pattern.compile("(?m)^(?:    |\\$ )?(\\./inkling (?:.*\\\\\n)*.*)$");
    private static final Pattern INLINE = Pattern.compile("`(?:time )?(\\./inkling [^`]+)`");
    private static final Pattern BLOCK_OR_INLINE = Pattern.compile(FENCED.pattern() + "|" + INLINE.pattern());

    static DocsPage read(String name) throws IOException {
        return new DocsPage(name, Files.readString(Path.of(name), StandardCharsets.UTF_8));
    }

    /**
     * Inkling's commands in the order of the page, each once. Within a paragraph, commands on lines of their own come before those inside
     * sentences.
     */
    List<String> commands() {
        List<String> found = new ArrayList<>();
        for (String paragraph : text.split("(?m)^(?=\\s*$|```)")) {
            Matcher lines = COMMAND.matcher(paragraph);
            while (lines.find()) {
                found.add(lines.group(1).replace("\\\n", " "));
            }
            Matcher inline = INLINE.matcher(paragraph);
            while (inline.find()) {
                found.add(inline.group(1).replace("\n", " "));
            }
        }
        Set<String> once = new LinkedHashSet<>(found);
        once.remove("./inkling estimate");                      // a sentence only names the command
        return List.copyOf(once);
    }

    /**
     * In the order of the page: Inkling's commands in sentences, and every line of the code blocks that are marked {@code sh} or not marked
     * at all, whatever program the line starts.
     */
    List<String> lines() {
        List<String> found = new ArrayList<>();
        Matcher places = BLOCK_OR_INLINE.matcher(text);
        while (places.find()) {
            if (places.group(3) != null) {
                found.add(places.group(3).replace("\n", " "));
            } else if (Set.of("", "sh").contains(places.group(1))) {
                places.group(2).replaceAll("\\\\\n *", " ").lines().filter(line -> !line.isBlank()).forEach(found::add);
            }
        }
        return found;
    }

    List<String> blocks(String language) {
        return FENCED.matcher(text).results().filter(block -> block.group(1).equals(language)).map(block -> block.group(2)).toList();
    }
}
