package inkling.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher starts Java in a locale by which Java can decode its arguments. Here "Java" is a script that prints the charset. */
@Tag("process")
class LauncherLocaleTest {
    private static final List<String> NAMES = List.of("LC_ALL", "LC_CTYPE", "LANG");

    @TempDir Path home;

    @BeforeAll static void onlyWhereLocalesCanBeAsked() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "skipped: no /bin/sh");
        Assumptions.assumeTrue(new ProcessBuilder("sh", "-c", "locale -a | grep -qi '^C.utf'").start().waitFor() == 0,
            "skipped: no C.UTF-8");
    }

    @BeforeEach void aLauncherOfItsOwn() throws IOException {
        Files.copy(Path.of("inkling"), home.resolve("inkling"));
        Path settings = home.resolve("src/main/resources/inkling/environment.sh");
        Files.createDirectories(settings.getParent());
        Files.copy(Path.of("src/main/resources/inkling/environment.sh"), settings);
        Files.createDirectories(home.resolve("target"));
        Files.createFile(home.resolve("target/.built"));
        Path java = home.resolve("jdk/bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, "#!/bin/sh\nlocale charmap\n");
        assertTrue(java.toFile().setExecutable(true));
    }

    private String charset(Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", home.resolve("inkling").toString(), "params", "gpt3").redirectErrorStream(true);
        builder.environment().keySet().removeAll(NAMES);
        builder.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out.strip();
    }

    @Test void aLocaleThatIsNotInstalledIsReplaced() throws Exception {
        assertEquals("UTF-8", charset(Map.of("LC_ALL", "xx_XX.UTF-8")));
        assertEquals("UTF-8", charset(Map.of("LANG", "xx_XX.UTF-8")));
    }

    @Test void aLocaleOfAsciiAloneIsReplaced() throws Exception {
        assertEquals("UTF-8", charset(Map.of()));
        assertEquals("UTF-8", charset(Map.of("LC_ALL", "C")));
        assertEquals("UTF-8", charset(Map.of("LANG", "POSIX")));
    }
}
