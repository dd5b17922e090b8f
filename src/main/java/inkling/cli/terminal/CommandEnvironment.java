package inkling.cli.terminal;

import inkling.run.LauncherSettings;
import inkling.run.process.TrainingLauncher;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The surroundings of a command: the folder of runs, the environment variables that the script ./inkling sets, the width of the terminal.
 */
public final class CommandEnvironment {
    /** Where runs are made and looked for, relative to the current directory. */
    public static final Path RUNS = Path.of("checkpoints");

    /** Starts commands as processes of their own. */
    public static final TrainingLauncher LAUNCHER = new TrainingLauncher("inkling.cli.Main");

    private static final AtomicBoolean TOLD = new AtomicBoolean();

    private static final int WIDTH_WITHOUT_TERMINAL = 100;

    private CommandEnvironment() {}

    /** Characters of a line: the width of the terminal, but at least 60 and at most 200; 100 without a terminal. */
    public static int width() {
        if (!Console.isTerminal()) {
            return WIDTH_WITHOUT_TERMINAL;
        }
        return Math.max(60, Math.min(200, CommandSpec.create().usageMessage().autoWidth(true).width()));
    }

    /**
     * Prints one line if environment variables that the script ./inkling sets are missing: without them, the process is slower. Every
     * command that computes with libtorch calls this; only the first call in a process prints.
     */
    public static void tellMissingSettings() {
        List<String> missing = LauncherSettings.missing();
        if (!missing.isEmpty() && TOLD.compareAndSet(false, true)) {
            Console.err().println(missingSettings(missing));
        }
    }

    static String missingSettings(List<String> missing) {
        return ("Running without the settings of the script ./inkling (%s), so slower: start it as ./inkling, or source "
            + "src/main/resources/inkling/environment.sh first.")
            .formatted(String.join(", ", missing));
    }
}
