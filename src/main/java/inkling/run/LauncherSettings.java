package inkling.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The environment variables that the launcher script sets for Inkling's process, e.g. how threads wait and how memory is kept. They must be
 * set before Java starts. {@code inkling/environment.sh} defines them; the script sources this file, and this class reads it.
 */
public final class LauncherSettings {
    private static final String FILE = "/inkling/environment.sh";
    /** {@code export NAME="${NAME:-value}"} or {@code export NAME="value"}. */
    private static final Pattern SETTING = Pattern.compile("^export (\\w+)=\"(?:\\$\\{\\1:-)?([^\"}]*)}?\"", Pattern.MULTILINE);

    private LauncherSettings() {}

    /** Every variable with its default value, for starting a child process or an executor on another machine. */
    public static Map<String, String> all() {
        try (InputStream file = LauncherSettings.class.getResourceAsStream(FILE)) {
            Map<String, String> settings = new LinkedHashMap<>();
            for (MatchResult setting : SETTING.matcher(new String(file.readAllBytes(), StandardCharsets.UTF_8)).results().toList()) {
                settings.put(setting.group(1), setting.group(2));
            }
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The variables that {@code environment} lacks or has empty; {@code missing(System.getenv())} is empty in a process that the launcher
     * started.
     */
    public static List<String> missing(Map<String, String> environment) {
        return all().keySet().stream().filter(name -> environment.getOrDefault(name, "").isEmpty()).toList();
    }

    /** As {@link #missing(Map)}, for this process. */
    public static List<String> missing() {
        return missing(System.getenv());
    }
}
