package inkling.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second JVM with the tests' class path. It may be killed or run out of memory, which must not happen to the JVM of the tests. */
public final class Jvm {
    private Jvm() {}

    static ProcessBuilder of(Class<?> main, String... args) {
        return of(List.of("-Xmx64m"), main, args);
    }

    public static ProcessBuilder of(List<String> options, Class<?> main, String... args) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(options);
        command.add(main.getName());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("JAVA_TOOL_OPTIONS");   // a JVM would announce these options in the output that tests read
        return builder;
    }
}
