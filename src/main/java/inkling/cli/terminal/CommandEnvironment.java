package inkling.cli.terminal;

import inkling.run.LauncherSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a command finds around it: the folder of runs, and a process as the launcher starts it or another. */
public final class CommandEnvironment {
    /** Where runs are made and looked for, relative to the current directory. */
    public static final Path RUNS = Path.of("checkpoints");

    private static final AtomicBoolean TOLD = new AtomicBoolean();

    private CommandEnvironment() {}

    /** Says in one line, once a process, that it will be slow; every command that computes asks. */
    public static void tellMissingSettings() {
        List<String> missing = LauncherSettings.missing();
        if (!missing.isEmpty() && TOLD.compareAndSet(false, true)) {
            Console.err().println(missingSettings(missing));
        }
    }

    static String missingSettings(List<String> missing) {
        return "Running without the launcher's settings (%s), so slower: start it as ./inkling, or source src/main/resources/inkling/environment.sh first."
            .formatted(String.join(", ", missing));
    }
}
