package inkling.cli.option;

import inkling.cli.terminal.Console;
import inkling.io.DurableFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --html F}, for commands that print their result, and can write it as a page. */
public final class PageOption {
    @Option(names = "--html", paramLabel = "FILE", description = "write the result as a page: one file that needs no network")
    Path file;

    /** Whether {@code --html} was given. */
    public boolean asked() {
        return file != null;
    }

    /** Writes the page; to be called only if {@link #asked}. */
    public void write(String html) {
        write(file, html);
    }

    /** Writes a page, and prints its path. The file appears whole or not at all. */
    public static void write(Path file, String html) {
        DurableFiles.SYSTEM.write(file, html.getBytes(StandardCharsets.UTF_8));
        Console.err().println("written: " + file);
    }
}
