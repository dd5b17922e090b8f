package inkling.cli;

import inkling.io.DurableFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --html F}, for every command that can draw what it prints. */
final class PageOption {
    @Option(names = "--html", paramLabel = "FILE", description = "draw it as a page: one file that needs no network")
    Path file;

    boolean asked() {
        return file != null;
    }

    /** Writes the page where one was asked for, whole or not at all. */
    void write(String html) {
        write(file, html);
    }

    static void write(Path file, String html) {
        DurableFiles.SYSTEM.write(file, html.getBytes(StandardCharsets.UTF_8));
        Console.err().println("written: " + file);
    }
}
