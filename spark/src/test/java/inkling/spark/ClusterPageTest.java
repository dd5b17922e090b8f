package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.cli.Main;
import inkling.spark.settings.ClusterSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * This module understands every {@code ./inkling cluster} command of docs/cluster.md with its options, and accepts the settings of Spark in
 * the commands that train. Other tests run such commands, with smaller models and other ports. The core's {@code DocsWalkTest} runs the
 * page's other {@code ./inkling} commands.
 */
class ClusterPageTest {
    private static final Pattern COMMAND = Pattern.compile("(?m)^\\./inkling cluster ((?:.*\\\\\n)*.*)$");

    private static List<String> words(String line) {
        String bare = line.replace("\\\n", " ").replaceFirst(" +#.*| &$", "").replace("'", "");
        return Arrays.asList(bare.strip().split(" +"));
    }

    @Test void everyCommandOfThePageIsUnderstood() throws IOException {
        String page = Files.readString(Path.of("../docs/cluster.md"));
        List<String> lines = COMMAND.matcher(page).results().map(match -> match.group(1)).toList();
        assertEquals(List.of("master", "tokenize", "train", "worker"), lines.stream().map(line -> words(line).get(0)).distinct().sorted()
            .toList());
        for (String line : lines) {
            ClusterCommand command = new ClusterCommand();
            CommandLine.ParseResult parsed = Main.commandLine(command, () -> false).parseArgs(words(line).toArray(String[]::new));
            Object asked = parsed.subcommand().commandSpec().userObject();
            if (asked instanceof ClusterTrainCommand train) {
                Map<String, String> secret = Map.of(ClusterSettings.SECRET, "s");
                assertTrue(ClusterSettings.of(train.spark.master(), train.spark.given(), secret).settings().size() > 0, line);
            }
        }
    }
}
