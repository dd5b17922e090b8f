package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page says of a run that has hardly begun: when its next sample and its first checkpoint come. */
class PlannedSamplesTest {
    @TempDir Path folder;

    @Test void whatComesFirstMayBeAMilestone() throws IOException {
        Path run = RunFiles.begin(folder, "young", 400);
        Files.writeString(run.resolve("config.yaml"), Files.readString(run.resolve("config.yaml"))
            .replace("max_steps: 400", "max_steps: 400, milestones: [0, 20, 100, 1000]"));
        try (TestServer server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT))) {
            JsonNode begun = server.get("/inkling/v1/runs/young").json();
            assertEquals(0, begun.get("sample_next").asLong());
            assertEquals("[0,20]", begun.get("sample_milestones").toString());
            assertEquals(20, begun.get("first_checkpoint").asLong());
            Files.writeString(run.resolve("samples.jsonl"), "{\"step\":0,\"text\":\"Once\"}\n");
            assertEquals(20, server.get("/inkling/v1/runs/young").json().get("sample_next").asLong());
        }
    }
}
