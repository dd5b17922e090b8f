package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.Says;
import inkling.TinyRun;
import inkling.inspect.page.Browser;
import inkling.io.DirectoryLock;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.serve.RunFiles;
import inkling.serve.TestServer;
import inkling.serve.http.Limits;
import inkling.serve.runs.BesideTraining;
import inkling.train.DivergedException;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** If something goes wrong with a run, or with a request about it, the run's page says so in plain words. */
@Tag("browser")
class RunTroubleTest {
    private static Browser browser;

    @TempDir Path folder;
    private final List<TestServer> servers = new ArrayList<>();
    private final Dashboard dashboard = new Dashboard(browser);

    @BeforeAll static void open() throws IOException {
        browser = Browser.open(1100, 900);
    }

    @AfterAll static void close() throws IOException {
        browser.close();
    }

    @AfterEach void stop() {
        servers.forEach(server -> {
            assertEquals(List.of(), server.faults());
            server.close();
        });
    }

    private TestServer serve(Optional<BesideTraining> beside) {
        TestServer server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT), beside);
        servers.add(server);
        return server;
    }

    private TestServer serve() {
        return serve(Optional.empty());
    }

    private void says(String css, String... words) {
        dashboard.page.until(css + " is there", () -> dashboard.page.isThere(css));
        Says.says(dashboard.text(css), words);
    }

    @Test void aRunThatIsNotThereIsNamedWithTheOneThatIsMeant() throws IOException {
        RunFiles.begin(folder, "tale", 100);
        dashboard.page.open(serve().uri("/runs#run=tales"));
        says("#runs h1", "There is no run tales");
        says("#runs .warning", "tale");
        assertFalse(dashboard.page.isThere(".steering, .charts, progress"), "nothing of a run that is not there");
        dashboard.page.picture("runs-nobody").click(".up a");
        dashboard.page.until("the list", () -> dashboard.page.isThere(".list"));
        dashboard.page.open(servers.get(0).uri("/runs#compare=tale&compare=nobody"));
        says("#runs .warning", "nobody: There is no run");
        browser.complaints(servers.get(0).uri("/"));   // takes the complaints about answers with status 404
    }

    /** The process {@code cat} stands for the training; it ends when its standard input ends. */
    @Test @DisabledOnOs(OS.WINDOWS) void aTrainingThatFailsBeforeItsRunBeginsSaysWhy() throws Exception {
        Process training = new ProcessBuilder("cat").start();
        PipedOutputStream fault = new PipedOutputStream();
        dashboard.open(serve(Optional.of(BesideTraining.of(training.pid(), new PipedInputStream(fault))))
            .uri("/runs#process=" + training.pid()));
        says("#runs .note", "reading its text");
        fault.write("tale.yaml:3: data.train: corpus.txt does not exist.".getBytes(StandardCharsets.UTF_8));
        fault.close();
        training.getOutputStream().close();
        assertEquals(0, training.waitFor());
        dashboard.page.until("why it failed", () -> dashboard.page.isThere("#runs > .warning")
            && dashboard.text("#runs > .warning").endsWith("failed: tale.yaml:3: data.train: corpus.txt does not exist."));
        assertFalse(dashboard.text("#runs").contains("reading"), "it reads no more");
        dashboard.page.picture("runs-failed-start");
        assertEquals(List.of(), browser.complaints(servers.get(0).uri("/")));
    }

    /** The training fails after its run has begun, and the run's page says why. */
    @Test @DisabledOnOs(OS.WINDOWS) void aTrainingThatFailsOnItsWaySaysWhyOnItsRun() throws Exception {
        Path run = RunFiles.begin(folder, "tale", 100);
        long self = ProcessHandle.current().pid();
        PipedOutputStream fault = new PipedOutputStream();
        serve(Optional.of(BesideTraining.of(self, new PipedInputStream(fault))));
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            dashboard.open(servers.get(0).uri("/runs#process=" + self)).page
                .until("its run", () -> browser.driver().getCurrentUrl().endsWith("#run=tale"));
            dashboard.page.until("that it is trained", () -> dashboard.page.isThere(".state-running"));
        }
        fault.write("checkpoints/tale: the disk is full.".getBytes(StandardCharsets.UTF_8));
        fault.close();
        says("[data-kind='failed']", "Its training failed: checkpoints/tale: the disk is full.");
        assertEquals(List.of(), browser.complaints(servers.get(0).uri("/")));
    }

    @Test void aTrainingThatDivergedSaysSoAndWhatHelps() throws IOException {
        TinyRun.files(folder);
        List<String> wild = List.of("data.train=" + folder.resolve("corpus.txt"), "schedule.learning_rate=1e38",
            "schedule.min_learning_rate=1e37", "schedule.warmup_steps=0", "optimizer.max_grad_norm=0");
        assertThrows(DivergedException.class, () -> TrainRun.begin(ConfigFile.read(folder.resolve("tiny.yaml"), wild), folder,
            new TrainingListener() { }, () -> false));
        dashboard.open(serve().uri("/runs#run=tiny"));
        says(".place", "diverged");
        says("[data-kind='diverged']", "not finite", "The checkpoint of step", "lower schedule.learning_rate");
        dashboard.page.picture("runs-diverged").click(".steering button:nth-of-type(2)");
        says("dialog", "It diverged", "the same result");
        dashboard.page.click("#no");
        dashboard.open(servers.get(0).uri("/runs"));
        says(".list .state-diverged", "diverged");
        assertEquals(List.of(), browser.complaints(servers.get(0).uri("/")));
    }

    @Test void aRunThatCannotBeStoppedFromHereSaysWhere() throws IOException {
        Path run = RunFiles.begin(folder, "tale", 100);
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {   // held by the process of the server, which the page may not stop
            dashboard.open(serve().uri("/runs#run=tale"));
            says(".steering .why", "press Ctrl-C in its terminal");
            assertFalse(dashboard.page.find(".steering button").isEnabled(), "a button that can be pressed and does nothing");
        }
        dashboard.page.until("it is not trained any more", () -> !dashboard.page.isThere(".steering .why"));
        assertEquals(List.of(), browser.complaints(servers.get(0).uri("/")));
    }

    @Test void aRunOfFewSamplesSaysHowToGetMore() throws IOException {
        Path run = RunFiles.begin(folder, "tale", 100);
        dashboard.open(serve().uri("/runs#run=tale"));
        says(".samples .more", "This run writes one each 50 updates. For one each 5, from here on:",
            "./inkling train --resume " + run + " --set train.sample.interval=5");
        RunFiles.samples(run, 100);
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            dashboard.page.until("a sample", () -> dashboard.text(".samples").contains("Once upon 100"));
            says(".samples .more", "stop it, then:");
        }
        Path often = RunFiles.begin(folder, "often", 4_000);
        try (DirectoryLock lock = DirectoryLock.acquire(often)) {
            dashboard.open(servers.get(0).uri("/runs#run=often"));
            says(".samples .more", "The first sample comes at step 50.");
            assertFalse(dashboard.page.find(".steering button:nth-of-type(4)").isEnabled(), "it has nothing to open");
            says(".steering .waits", "once it has learned something and saved it, at step ");
            assertFalse(dashboard.text(".more").contains("--set"), "there will be 80");
        }
        assertEquals(List.of(), browser.complaints(servers.get(0).uri("/")));
    }

    @Test void aDiskThatIsNearlyFullIsTold() throws IOException {
        Path checkpoint = Files.createDirectories(RunFiles.begin(folder, "tale", 100).resolve("step-000050"));
        Files.writeString(folder.resolve("tale/last"), "step-000050\n");
        try (RandomAccessFile file = new RandomAccessFile(checkpoint.resolve("model.safetensors").toFile(), "rw")) {
            file.setLength(Files.getFileStore(checkpoint).getUsableSpace() / 2);   // a sparse file, which takes no room on the disk
        }
        dashboard.open(serve().uri("/runs#run=tale"));
        says("[data-kind='disk']", "The disk is nearly full", "runs remove");
        assertEquals(List.of(), browser.complaints(servers.get(0).uri("/")));
    }

    @Test void aResumeThatFailsShowsWhatItPrinted() throws IOException {
        RunFiles.begin(folder, "tale", 100);   // its corpus.txt does not exist
        dashboard.open(serve().uri("/runs#run=tale"));
        dashboard.page.click(".steering button:nth-of-type(2)").click("#yes");
        says("[data-kind='failed']", "ended with exit code 2", "corpus.txt");
        dashboard.page.picture("runs-failed");
        assertEquals(List.of(), browser.complaints(servers.get(0).uri("/")));
    }
}
