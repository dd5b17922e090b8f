package inkling.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The process's streams as UTF-8, whatever the locale: documents and text to {@link #out}, logs and progress to {@link #err}. */
public final class Console {
    private static final PrintWriter OUT = writer(FileDescriptor.out);
    private static final PrintWriter ERR = writer(FileDescriptor.err);

    private Console() {}

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }

    public static PrintWriter out() {
        return OUT;
    }

    public static PrintWriter err() {
        return ERR;
    }

    /** Whether a person uses the program directly: both standard input and output are a terminal. */
    public static boolean isTerminal() {
        return System.console() != null;
    }
}
