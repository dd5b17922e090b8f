package inkling.run.process;

import inkling.errors.FileFaults;
import inkling.run.LauncherSettings;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Starts commands of Inkling as processes of their own. A started process has this process's Java, options, class path and environment.
 * Variables that the launcher script sets have the script's defaults for training. The process goes on when this process ends. If the
 * system has {@code setsid}, Ctrl-C in this process's terminal does not reach the started process.
 *
 * @param mainClass the class with the {@code main} that the script runs
 */
public record TrainingLauncher(String mainClass) {
    /** Options that are not passed on: two debuggers or profilers cannot use one port or file. */
    private static final List<String> OF_THIS_PROCESS_ALONE = List.of("-javaagent", "-agentlib", "-agentpath", "-Xrunjdwp");

    /**
     * Starts {@code inkling ARGUMENTS} in the current directory, with an empty standard input.
     *
     * @param output the file that receives standard output and standard error; it is replaced
     * @throws inkling.errors.StorageException if the process cannot be started
     */
    public Process start(List<String> arguments, Path output) {
        try {
            return builder(arguments).redirectErrorStream(true).redirectOutput(Redirect.to(output.toFile())).start();
        } catch (IOException e) {
            throw FileFaults.cannot("start a training that writes to", output, e);
        }
    }

    /**
     * Starts {@code inkling ARGUMENTS} with two pipes to this process. One pipe carries the standard output and standard error of the
     * started process. The other pipe is its standard input, which ends when this process ends.
     *
     * @throws IOException if the process cannot be started
     */
    public Process startPiped(List<String> arguments) throws IOException {
        return builder(arguments).redirectErrorStream(true).redirectInput(Redirect.PIPE).start();
    }

    private ProcessBuilder builder(List<String> arguments) {
        List<String> command = new ArrayList<>(ownSession());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> OF_THIS_PROCESS_ALONE.stream().noneMatch(option::startsWith)).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(LauncherSettings.all());
        builder.environment().remove("INKLING_WORK");   // its value "generate" selects settings for generating text
        builder.redirectInput(Redirect.from(new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null")));
        return builder;
    }

    /** The command {@code setsid}, which starts another command in a session that no terminal's signals reach; empty if it is missing. */
    private static List<String> ownSession() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Arrays.stream(path.split(File.pathSeparator)).filter(folder -> !folder.isEmpty()).map(folder -> Path.of(folder, "setsid"))
            .filter(Files::isExecutable).findFirst().map(setsid -> List.of(setsid.toString())).orElse(List.of());
    }
}
