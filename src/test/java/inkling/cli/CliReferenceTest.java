package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * docs/cli.md holds the help of every command. After changing a command on purpose, write the page anew with
 * {@code mvn -q test -Dtest=CliReferenceTest -Dtest.jvm=-Dinkling.update=true}.
 */
class CliReferenceTest {
    private static final Path PAGE = Path.of("docs/cli.md");

    @Test
    void thePageIsTheHelpOfEveryCommand() throws IOException {
        String generated = page();
        if (Boolean.getBoolean("inkling.update")) {
            Files.writeString(PAGE, generated, StandardCharsets.UTF_8);
        }
        assertEquals(Files.readString(PAGE, StandardCharsets.UTF_8), generated, "see this test's comment");
    }

    private static String page() {
        StringBuilder page = new StringBuilder("# Command line\n\nThe help of every command, generated from the program.\n"
            + "Exit codes: 0 done, 1 our fault, 2 you can fix it, 3 cannot read or write, 4 a damaged or unsupported model,"
            + " 5 training diverged, 129/130/143 stopped by a signal after saving.\n");
        CommandLine main = Main.commandLine();
        append(page, main);
        return page.toString();
    }

    private static void append(StringBuilder page, CommandLine command) {
        page.append("\n## ").append(command.getCommandSpec().qualifiedName()).append("\n\n```\n")
            .append(command.getUsageMessage(Ansi.OFF).replace(System.lineSeparator(), "\n")).append("```\n");
        command.getSubcommands().values().stream().distinct().forEach(sub -> append(page, sub));
    }
}
