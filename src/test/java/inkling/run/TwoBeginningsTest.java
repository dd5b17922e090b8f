package inkling.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.TinyRun;
import inkling.errors.ConfigException;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.train.TrainingListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two trainings with the same run name. The second starts and ends while the first is still reading its text. */
@Tag("training")
class TwoBeginningsTest {
    private static final Path RUNS = Path.of("checkpoints");

    @TempDir Path directory;

    /** Trains in the current directory. Prints why the first training is refused, and whether the second's run is unchanged. */
    public static final class Trainings {
        public static void main(String[] arguments) throws Exception {
            RunConfig config = ConfigFile.read(Path.of("tiny.yaml"), List.of());
            String[] runOfSecond = {""};   // "begun" while the second training runs, then the listing of its run
            TrainingListener first = new TrainingListener() {
                @Override
                public void remark(String line) {
                    if (runOfSecond[0].isEmpty()) {
                        runOfSecond[0] = "begun";
                        TrainRun.begin(config, RUNS, new TrainingListener() { }, () -> false);
                        runOfSecond[0] = listing();
                    }
                }
            };
            try {
                TrainRun.begin(config, RUNS, first, () -> false);
            } catch (ConfigException e) {
                System.out.println(e.getMessage());
            }
            System.out.println(listing().equals(runOfSecond[0]) ? "untouched" : "changed");
        }

        private static String listing() {
            try {
                Path run = Path.of("checkpoints/tiny");
                return TinyRun.bits(run, 8) + Files.readString(run.resolve("metrics.csv")) + Files.readString(run.resolve("run.json"));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    @Test void theFirstDoesNotWriteOverTheSecond() throws Exception {
        TinyRun.files(directory);
        // a byte order mark, which gives a remark: then the second training starts
        Files.writeString(directory.resolve("corpus.txt"), "\uFEFF" + Files.readString(directory.resolve("corpus.txt")));
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Trainings.class.getName())
            .directory(directory.toFile());
        builder.environment().putAll(LauncherSettings.all());
        Process process = builder.redirectErrorStream(true).start();
        List<String> output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        process.waitFor(60, TimeUnit.SECONDS);
        assertEquals(0, process.exitValue(), output.toString());
        assertEquals("untouched", output.get(output.size() - 1), output.toString());
        assertEquals("checkpoints/tiny exists already. Continue that run with `train --resume checkpoints/tiny`, or begin another with"
            + " --run OTHER_NAME. Nothing was changed.", output.get(output.size() - 2));
    }
}
