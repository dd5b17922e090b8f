package inkling.compat.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Clients for Node: openai, the AI SDK, LangChain. {@code clients/ask.mjs} has their requests. */
class NodeClientsTest {
    private static final Path CLIENTS = Path.of("clients");

    @Test void allClientsAgree() throws Exception {
        if (!succeeds("node", "--version") || !succeeds("npm", "--version")) {
            Assertions.assertNotEquals("true", System.getenv("CI"), "needs Node and npm");
            System.out.println("skipped: needs Node and npm");
            Assumptions.abort("skipped: needs Node and npm");
        }
        if (!Files.exists(CLIENTS.resolve("node_modules/openai"))) {
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        }
        try (Served served = new Served()) {
            assertTrue(run("node", "ask.mjs", served.address(), Served.MODEL).contains("all clients agree"));
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                .waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(List.of(command)).directory(CLIENTS.toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }
}
