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

    /** Rounds of 60 updates end at 60, 120, 180 … They save each time, and sample when they have passed a step that asks for a sample. */
    @Test void workersPauseAtTheEndsOfTheirRounds() throws IOException {
        Path run = RunFiles.begin(folder, "young", 400);
        Files.writeString(run.resolve("config.yaml"), Files.readString(run.resolve("config.yaml"))
            .replace("max_steps: 400", "max_steps: 400, checkpoint_interval: 10, milestones: [0, 20, 110, 350, 1000]")
            .replace("interval: 50", "interval: 130") + "cluster: {inner_steps: 60}\n");
        RunFiles.saveOfWorkers(run, 0);
        try (TestServer server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT))) {
            JsonNode begun = server.get("/inkling/v1/runs/young").json();
            assertEquals(60, begun.get("first_checkpoint").asLong());
            assertEquals("[0,60,120,360]", begun.get("sample_milestones").toString());
            assertEquals(0, begun.get("sample_next").asLong());
            for (long[] written : new long[][] {{0, 60}, {60, 120}, {120, 180}, {180, 300}, {300, 360}, {360, 400}}) {
                Files.writeString(run.resolve("samples.jsonl"), "{\"step\":%d,\"text\":\"Once\"}\n".formatted(written[0]));
                assertEquals(written[1], server.get("/inkling/v1/runs/young").json().get("sample_next").asLong(), "after " + written[0]);
            }
        }
    }
}
