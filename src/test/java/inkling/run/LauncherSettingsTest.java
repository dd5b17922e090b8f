package inkling.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's settings are in one file. Shells and Java read them from it; pom.xml repeats some with the same values. */
@Tag("process")
class LauncherSettingsTest {
    private static final Path FILE = Path.of("src/main/resources/inkling/environment.sh");

    @BeforeAll static void onlyWhereThereIsAShell() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "skipped: no /bin/sh");
    }

    /** The environment of a shell, started with the variables {@code before}, after it sourced the file. */
    private static Map<String, String> sourced(Map<String, String> before) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-eu", "-c", ". \"$1\" && env", "sh", FILE.toAbsolutePath().toString());
        builder.environment().keySet().removeAll(LauncherSettings.all().keySet());
        builder.environment().putAll(before);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        Map<String, String> after = new HashMap<>();
        output.lines().filter(line -> line.contains("=")).forEach(line -> after.put(line.split("=", 2)[0], line.split("=", 2)[1]));
        return after;
    }

    @Test void javaReadsWhatAShellSources() throws Exception {
        Map<String, String> settings = LauncherSettings.all();
        assertTrue(settings.size() >= 8 && settings.get("GLIBC_TUNABLES").equals("glibc.malloc.hugetlb=1"), settings.toString());
        Map<String, String> shell = sourced(Map.of());
        settings.forEach((name, value) -> assertEquals(value, shell.get(name), name));
        assertEquals(List.of(), LauncherSettings.missing(shell));
    }

    /** DJL would report its use if OPT_OUT_TRACKING kept the "0" that it has here. */
    @Test void everyVariableThatIsSetAlreadyStaysExceptTheOneAboutReports() throws Exception {
        Map<String, String> own = new HashMap<>();
        LauncherSettings.all().keySet().forEach(name -> own.put(name, name.equals("GLIBC_TUNABLES") ? "glibc.malloc.hugetlb=0" : "0"));
        Map<String, String> shell = sourced(own);
        own.put("OPT_OUT_TRACKING", "true");
        own.forEach((name, value) -> assertEquals(value, shell.get(name), name));
    }

    @Test void generationHasOtherValuesButKeepsWhatIsSetAlready() throws Exception {
        Map<String, String> shell = sourced(Map.of("GOMP_SPINCOUNT", "7", "INKLING_WORK", "generate"));
        assertEquals("7", shell.get("GOMP_SPINCOUNT"));
        assertEquals("131072", shell.get("MALLOC_TOP_PAD_"), "another value if the work is generation");
        assertEquals("passive", shell.get("OMP_WAIT_POLICY"));
    }

    @Test void whatIsMissingIsNamed() {
        Map<String, String> most = new HashMap<>(LauncherSettings.all());
        most.remove("OMP_WAIT_POLICY");
        most.put("MALLOC_TOP_PAD_", "");
        assertEquals(List.of("OMP_WAIT_POLICY", "MALLOC_TOP_PAD_"), LauncherSettings.missing(most));
    }

    /** Maven cannot source a file, so pom.xml repeats some settings. */
    @Test void theTestsJvmHasTheSameValues() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        String variables = pom.substring(pom.indexOf("<environmentVariables>"), pom.indexOf("</environmentVariables>"));
        Matcher variable = Pattern.compile("<(\\w+)>([^<]*)</\\1>").matcher(variables);
        int found = 0;
        for (; variable.find(); found++) {
            assertEquals(LauncherSettings.all().get(variable.group(1)), variable.group(2), variable.group(1));
        }
        assertEquals(3, found);
    }

    /** Here "Java" is a script that prints its arguments. {@code cluster} has the same options except {@code -Xmx}, and more. */
    @Test void clusterStartsJavaWithTheOptionsOfTheOtherCommands(@TempDir Path home) throws Exception {
        for (String file : List.of("inkling", FILE.toString(), "spark/environment.sh")) {
            Files.createDirectories(home.resolve(file).getParent());
            Files.copy(Path.of(file), home.resolve(file));
        }
        for (String built : List.of("target", "spark/target")) {
            Files.createFile(Files.createDirectories(home.resolve(built)).resolve(".built"));
        }
        Path java = Files.createDirectories(home.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
        List<String> options = javaArguments(home, "params", "gpt3");
        options = options.subList(0, options.indexOf("-cp"));
        assertTrue(options.contains("-Djdk.console=java.base"), options.toString());
        List<String> cluster = javaArguments(home, "cluster", "train");
        assertEquals(options.stream().filter(option -> !option.startsWith("-Xmx")).toList(),
            options.stream().filter(cluster::contains).toList(), "in the arguments of cluster: " + cluster);
    }

    private static List<String> javaArguments(Path home, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of("sh", home.resolve("inkling").toString()));
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines().toList();
    }

    @Test void noScriptRepeatsTheSettings() throws IOException {
        for (String script : List.of("inkling", "bench/run", "bench/gpt2-golden", "bench/crash/run", "bench/fuzz/run")) {
            String text = Files.readString(Path.of(script));
            assertTrue(text.contains("/src/main/resources/inkling/environment.sh"), script);
            LauncherSettings.all().keySet().forEach(name -> assertTrue(!text.contains(name + "="), script + " sets " + name));
        }
    }
}
