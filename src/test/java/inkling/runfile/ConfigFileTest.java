package inkling.runfile;

import static inkling.runfile.ConfigCases.SHORTEST;
import static inkling.runfile.ConfigCases.error;
import static inkling.runfile.ConfigCases.parse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.source.DataConfig.Validation;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.model.config.GptConfig;
import inkling.optim.Schedule;
import inkling.tokenizer.TokenizerConfig.BpeTokenizerConfig;
import inkling.train.EvalBatches;
import inkling.train.KeepCheckpoints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    @TempDir
    Path dir;

    @Test
    void threeKeysMakeARunAndTheRestHasDefaults() {
        RunConfig config = parse(SHORTEST);
        assertEquals("a", config.name().text());
        assertEquals(1337, config.seed());
        assertEquals(List.of("x.txt"), config.data().train());
        assertEquals(new Validation.Fraction(0.1), config.data().val());
        assertEquals(Optional.of(BpeTokenizerConfig.DEFAULT), config.data().tokenizer());
        assertEquals(new Schedule.WarmupCosine(1e-3, 1e-4, 100, Optional.empty()), config.schedule());
        assertEquals(new EvalBatches.Count(50), config.train().evalBatches());
        assertEquals("\n", config.train().sample().orElseThrow().prompt());
        assertEquals(512, config.model().toGptConfig(1024).mlp().nInner());
        assertEquals(4, config.model().toGptConfig(1024).attention().nKvHead());
    }

    @Test
    void allProblemsComeInOneReportEachWithItsLine() {
        String yaml = """
            nmae: x
            seed: 1.5
            device: gpu
            data:
              train: x
            model:
              n_head: 5
              dropout: 1.5
            schedule:
              lerning_rate: 3
            train:
              max_steps: 3.7
              batch_size: 0
            """;
        List<String> expected = List.of(
            "x.yaml:1: unknown key nmae. Did you mean name?", "x.yaml:1: name is missing", "x.yaml:2: seed = 1.5 is a number",
            "x.yaml:3: device = \"gpu\" must be auto, cpu, cuda or cuda:1.", "x.yaml:8: model: dropout = 1.5 must be in [0, 1).",
            "x.yaml:7: model: n_head = 5 does not divide n_embd = 128",
            "x.yaml:10: schedule: unknown key lerning_rate. Did you mean learning_rate?",
            "x.yaml:9: schedule: learning_rate is missing: the rate after the warm-up. Write it in schedule, as learning_rate: VALUE.",
            "x.yaml:12: train: max_steps = 3.7",
            "x.yaml:13: train: batch_size = 0 must be positive.");
        ConfigException e = assertThrows(ConfigException.class, () -> parse(yaml));
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        List<String> lines = e.getMessage().lines().toList();
        assertEquals(expected.size(), lines.size(), e.getMessage());
        for (int i = 0; i < lines.size(); i++) {
            assertTrue(lines.get(i).startsWith(expected.get(i)), lines.get(i) + "\nexpected: " + expected.get(i));
        }
    }

    @Test
    void impossibleArchitecturesAreAllToldBeforeAnythingIsBuilt() {
        assertEquals(5, error(SHORTEST, "model={n_layer: 0, n_head: 0, n_embd: -128, n_kv_head: 0, context_length: 0}")
            .lines().count());
        assertTrue(error(SHORTEST, "model.n_embd=2147483647").contains("n_embd = 2147483647 must be at most 1048576."));
        assertTrue(error(SHORTEST, "model.n_embd=-2147483648").contains("must be positive"));
        assertTrue(error(SHORTEST, "data.tokenizer.vocab_size=4294967296").contains("must be in"));
        assertTrue(error(SHORTEST, "data.tokenizer.vocab_size=3").contains("data.tokenizer: vocab_size = 3 must be at least"));
    }

    @Test
    void sectionsAreCheckedAgainstOneAnother() {
        assertEquals("--set train.context_length=999: train: context_length = 999 is longer than model.context_length = 128.",
            error(SHORTEST, "train.context_length=999"));
        assertEquals("x.yaml:3: schedule: warmup_steps = 100 and decay_steps = 400 do not fit into train.max_steps = 300"
            + " one after the other. Shorten one of them.", error(SHORTEST, "schedule.type=warmup_stable_decay", "train.max_steps=300"));
        assertTrue(error(SHORTEST, "precision=tf32", "device=cpu").contains("a mode of CUDA devices"));
        assertTrue(error(SHORTEST, "finetune.lora.rank=4").contains("model.init_from, which is not set"));
        assertTrue(error(SHORTEST, "data.tokenizer=null").contains("model.init_from, which is not set"));
    }

    @Test
    void theDefaultMinimumIsATenthOfAPeakBelowIt() {
        assertEquals(new Schedule.WarmupCosine(2e-4, 1e-4, 100, Optional.empty()), parse(SHORTEST, "schedule.learning_rate=2.0e-4")
            .schedule());
        assertEquals(new Schedule.WarmupCosine(5e-5, 5e-6, 100, Optional.empty()), parse(SHORTEST, "schedule.learning_rate=5.0e-5")
            .schedule());
        assertTrue(error(SHORTEST, "schedule.learning_rate=5.0e-5", "schedule.min_learning_rate=1.0e-4")
            .contains("is above learning_rate"));
        assertEquals(new Schedule.Constant(5e-5, 0),
            parse("name: a\ndata: {train: x}\nschedule: {type: constant, learning_rate: 5.0e-5}").schedule());
    }

    @Test
    void withInitFromTheArchitectureAndTheTokenizerAreThatModelsOwn() {
        RunConfig config = parse(SHORTEST, "model.init_from=dickens", "model.dropout=0.1", "train.context_length=4096");
        assertEquals(Optional.empty(), config.data().tokenizer());
        assertEquals(0.1, config.model().options().dropout());
        assertTrue(config.toYaml().contains("model:\n  init_from: dickens\n  dropout: 0.1\nfinetune:"), config.toYaml());
        assertThrows(IllegalStateException.class, () -> config.model().toGptConfig(10));
        String message = error(SHORTEST + "model:\n  init_from: dickens\n  n_head: 4\n  n_kv_head: null\n");
        assertTrue(message.startsWith("x.yaml:6: model: n_head cannot be set: the architecture is that of init_from."), message);
        assertTrue(message.contains("\nx.yaml:7: model: n_kv_head cannot be set"), message);
    }

    @Test
    void blocksMayDiffer() {
        RunConfig config = parse(SHORTEST, "model.layers=[{window: 64}, {}]");
        GptConfig model = config.model().toGptConfig(10);
        assertEquals(List.of(64, 128, 64, 128), IntStream.range(0, model.nLayer()).mapToObj(model::window).toList());
        assertTrue(config.toYaml().contains("  layers: [{window: 64, rope: main}, {window: null, rope: main}]\n"), config.toYaml());
        assertEquals(config, parse(config.toYaml()));
        assertEquals("x.yaml:7: model.layers: unknown key windw. Did you mean window? Allowed: window, rope.",
            error(SHORTEST + "model:\n  layers:\n    - {}\n    - {windw: 3}\n"));
        assertEquals("x.yaml:6: model.layers: window = 0 must be positive: a token reads at least itself.",
            error(SHORTEST + "model:\n  layers:\n    - {window: 0}\n"));
        assertEquals("--set model.layers=[{rope: none}]: model: layers: rope: blocks may differ in rope only if positions = rope, "
            + "but positions = learned.", error(SHORTEST, "model.layers=[{rope: none}]"));
        assertEquals("--set model.rope.scaling={factor: 2}: model.rope.scaling: type is missing. Allowed: linear, llama3, longrope.",
            error(SHORTEST, "model.rope.scaling={factor: 2}"));
    }

    @Test
    void aScalarStandsForAListOfOneAndAListForItself() {
        assertEquals(List.of("a", "b/*.txt"), parse(SHORTEST, "data.train=[a, \"b/*.txt\"]").data().train());
        assertTrue(error(SHORTEST, "data.train=[]").contains("must name at least one"));
        assertTrue(error(SHORTEST + "finetune:\n  freeze:\n    - wte\n    - 3\n").startsWith("x.yaml:7: finetune: freeze = 3 is a number"));
    }

    @Test
    void unionsTakeEachOfTheirKinds() {
        assertEquals(new Validation.Text("v.txt"), parse(SHORTEST, "data.val=v.txt").data().val());
        assertTrue(error(SHORTEST, "data.val=1").contains("must be a fraction above 0 and below 1"));
        assertEquals(new EvalBatches.All(), parse(SHORTEST, "train.eval_batches=all").train().evalBatches());
        assertEquals("--set train.eval_batches=some: train: eval_batches = some must be a whole number or all.",
            error(SHORTEST, "train.eval_batches=some"));
        assertEquals(new KeepCheckpoints.Count(2), parse(SHORTEST).train().keepCheckpoints());
        assertEquals(new KeepCheckpoints.All(), parse(SHORTEST, "train.keep_checkpoints=all").train().keepCheckpoints());
        assertTrue(error(SHORTEST, "train.keep_checkpoints=0").contains("keep_checkpoints = 0 must be positive"));
        assertEquals(Optional.empty(), parse(SHORTEST, "train.sample=null").train().sample());
        assertTrue(error(SHORTEST, "train.sample.max_tokens=1000001").contains("max_tokens = 1000001 must be from 1 to 1,000,000"),
            "before the first sample");
    }

    @Test
    void byteOrderMarkAndCrlfAreAccepted() throws IOException {
        RunConfig plain = parse(SHORTEST);
        assertEquals(plain, ConfigFile.read(file(("\uFEFF" + SHORTEST.replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_8)), List.of()));
    }

    @Test
    void lineNumbersHoldWithCrlf() throws IOException {
        Path file = file((SHORTEST + "sed: 1\n").replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
        assertTrue(refusal(file).startsWith(file + ":4: unknown key sed. Did you mean seed?"));
    }

    @Test
    void whatIsNoUtf8FileIsRefused() throws IOException {
        for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            Path file = file(SHORTEST.getBytes(charset));
            assertEquals(file + " looks like UTF-16; save it as UTF-8.", refusal(file));
        }
        Path latin = file("name: \u00e4".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(latin + " is not UTF-8: byte 6 is wrong. Save it as UTF-8.", refusal(latin));
    }

    @Test
    void whatIsNoFileIsRefused() {
        assertEquals(dir + " is a directory; name a run file in it. (train --resume continues a run directory.)", refusal(dir));
        Path missing = dir.resolve("missing.yaml");
        assertEquals(missing + " does not exist; name a run file, e.g. configs/dickens.yaml.", refusal(missing));
    }

    private String refusal(Path file) {
        return assertThrows(ConfigException.class, () -> ConfigFile.read(file, List.of())).getMessage();
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(dir.resolve("run.yaml"), bytes);
    }
}
