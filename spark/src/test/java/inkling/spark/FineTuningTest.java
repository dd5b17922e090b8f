package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.io.Sha256;
import inkling.run.TrainingMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fine-tuning in rounds: an existing model learns from conversations, with and without adapters. */
@Tag("training")
class FineTuningTest {
    private static final String ONE_WORKER = "cluster={workers: 1, inner_steps: 4, outer: {learning_rate: 1.0, momentum: 0.0}}";
    @TempDir static Path directory;
    private static SmallRun small;

    @BeforeAll static void base() throws IOException {
        small = new SmallRun(directory);
        small.begin(TrainingMethod.THIS_MACHINE, small.config("base", "train.max_steps=2", "model.context_length=64"));
        StringBuilder chats = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            chats.append("{\"messages\":[{\"role\":\"user\",\"content\":\"%d?\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n"
                .formatted(i, "yes no ".repeat(i % 3)));
        }
        Files.writeString(directory.resolve("chats.jsonl"), chats);
    }

    private static String[] chats(String... more) {
        String[] settings = {"data={train: %s, format: messages, order: sequential}".formatted(directory.resolve("chats.jsonl")),
            "model={init_from: base, dropout: 0.1}", "train.max_steps=8", "schedule.decay_steps=8", "train.batch_size=3"};
        String[] all = Arrays.copyOf(settings, settings.length + more.length);
        System.arraycopy(more, 0, all, settings.length, more.length);
        return all;
    }

    private static void sameWeights(String one, String other) {
        assertEquals(Sha256.of(small.run(one).resolve("step-000008/model.safetensors")),
            Sha256.of(small.run(other).resolve("step-000008/model.safetensors")), one + " and " + other);
    }

    private static void oneWorkerIsOneMachine(String name, String... settings) throws IOException {
        String[] rounds = Arrays.copyOf(settings, settings.length + 1);
        rounds[settings.length] = ONE_WORKER;
        small.begin(TrainingMethod.THIS_MACHINE, small.config(name + "-machine", settings));
        small.begin(SmallRun.on("local"), small.config(name + "-one", rounds));
        sameWeights(name + "-machine", name + "-one");
        assertTrue(small.rows(name + "-machine", "metrics.csv", 6).containsAll(small.rows(name + "-one", "metrics.csv", 6)));
    }

    @Test void conversationsGiveOneWorkerTheWeightsOfOneMachineBitForBit() throws IOException {
        oneWorkerIsOneMachine("chats", chats());
    }

    @Test void adaptersGiveOneWorkerTheWeightsOfOneMachineBitForBit() throws IOException {
        oneWorkerIsOneMachine("adapters", chats("finetune={lora: {rank: 2, dropout: 0.1}}", "data.order=random"));
    }

    @Test void fourWorkersShareTheConversationsAndGoOnAfterAStop() throws IOException {
        small.begin(SmallRun.on("local"), small.config("whole", chats()));
        small.begin(SmallRun.on("local"), small.config("stopped", chats("train.max_steps=4")));
        small.resume(SmallRun.on("local"), "stopped", "train.max_steps=8");
        assertEquals(small.bits("whole", 8).lines().filter(line -> !line.startsWith("progress")).toList(),
            small.bits("stopped", 8).lines().filter(line -> !line.startsWith("progress")).toList());
        List<String> losses = small.rows("whole", "workers.csv", 3).subList(1, 5).stream().map(row -> row.split(",")[2]).toList();
        assertEquals(4, losses.stream().distinct().count(), "no two workers learn from the same conversations");
    }
}
