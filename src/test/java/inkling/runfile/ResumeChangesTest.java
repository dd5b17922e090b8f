package inkling.runfile;

import static inkling.Says.says;
import static inkling.runfile.ConfigCases.SHORTEST;
import static inkling.runfile.ConfigCases.parse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.config.Keys;
import inkling.errors.ConfigException;
import inkling.runfile.ResumeChanges.Change;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ResumeChangesTest {
    private static final String RUN = "checkpoints/short";
    private static final Set<String> MAY_CHANGE = Set.of("train.max_steps", "train.max_minutes", "train.log_interval",
        "train.eval_interval",
        "train.checkpoint_interval", "train.keep_checkpoints", "train.milestones", "train.eval_batches", "train.sample",
        "train.sample.interval",
        "train.sample.prompt", "train.sample.max_tokens", "train.early_stopping_patience", "schedule.decay_steps", "device", "threads");

    private final RunConfig before = parse(SHORTEST);

    @Test
    void nothingAskedForNothingChanged() {
        assertEquals(new ResumeChanges(before, List.of()), apply(before, List.of()));
    }

    @Test
    void whatMayChangeChangesAndIsTold() {
        ResumeChanges changes = apply(before, List.of("train.max_steps=5000", "train.max_minutes=3",
            "schedule.decay_steps=4000",
            "train.sample.interval=50", "train.eval_batches=all", "threads=3", "train.log_interval=10"));
        assertEquals(5000, changes.config().train().maxSteps());
        assertEquals(1e-4, changes.config().learningRate().at(4000));
        assertEquals(List.of(new Change("train.max_steps", "2000", "5000"), new Change("train.max_minutes", "null", "3.0"),
            new Change("schedule.decay_steps", "null", "4000"), new Change("train.sample.interval", "500", "50"),
            new Change("train.eval_batches", "50", "all"), new Change("threads", "auto", "3")), changes.changes());
    }

    /** A plain --resume after "Time is up" trains on to the end. */
    @Test
    void minutesCountForTheCallThatGaveThem() {
        RunConfig timed = parse(SHORTEST, "train.max_minutes=3");
        assertEquals(List.of(new Change("train.max_minutes", "3.0", "null")), apply(timed, List.of()).changes());
        assertEquals(Optional.of(3.0), apply(timed, List.of("train.max_minutes=3")).config().train().maxMinutes());
    }

    @Test
    void samplesMayBeTurnedOff() {
        ResumeChanges changes = apply(before, List.of("train.sample=null"));
        assertEquals(List.of(new Change("train.sample", "{interval: 500, prompt: \"\\n\", max_tokens: 200}", "null")), changes.changes());
    }

    @Test
    void everyOtherKeyIsRefused() {
        Set<String> all = new TreeSet<>();
        for (Map.Entry<String, List<String>> section : Keys.sections(RunConfig.class).entrySet()) {
            section.getValue().forEach(key -> all.add(section.getKey().isEmpty() ? key : section.getKey() + "." + key));
        }
        assertTrue(all.containsAll(MAY_CHANGE));
        all.removeAll(MAY_CHANGE);
        for (String key : all) {
            String message = assertThrows(ConfigException.class, () -> apply(before, List.of(key + "=1")), key)
                .getMessage();
            assertTrue(message.startsWith("--set " + key + "=1: " + key
                + " cannot change when a run is resumed. These can: train.max_steps,"), message);
        }
    }

    @Test
    void allRefusedKeysAreToldAtOnceAndNothingHappens() {
        String message = assertThrows(ConfigException.class,
            () -> apply(before, List.of("seed=1", "train.max_steps=9", "model.n_head=2"))).getMessage();
        assertEquals(2, message.lines().count());
        assertTrue(message.contains("--set seed=1") && message.contains("--set model.n_head=2"), message);
    }

    @Test
    void theChangedRunIsCheckedLikeAnyOther() {
        RunConfig stable = parse(SHORTEST, "schedule.type=warmup_stable_decay");
        assertTrue(assertThrows(ConfigException.class, () -> apply(stable, List.of("train.max_steps=300"))).getMessage()
            .contains("do not fit into train.max_steps = 300"));
        assertTrue(assertThrows(ConfigException.class, () -> apply(before, List.of("train.max_steps=0"))).getMessage()
            .startsWith("--set train.max_steps=0: train: max_steps = 0 must be positive."));
    }

    @Test
    void aFineTuningRunResumesToo() {
        RunConfig tuned = parse(SHORTEST, "model.init_from=other", "model.dropout=0.1");
        assertEquals(7, apply(tuned, List.of("train.max_steps=7")).config().train().maxSteps());
    }

    @Test
    void theRefusalOfAChangeTellsHowToBeginARunWithIt() {
        String message = refusal(before, "schedule.learning_rate=1.0e-4");
        says(message, "schedule.learning_rate cannot change", "train checkpoints/short/config.yaml --run NAME",
            "--set 'model={init_from: checkpoints/short, dropout: 0.0}'", "--set schedule.learning_rate=1.0e-4",
            "--set data.tokenizer=null");
        says(refusal(before, "optimizer={type: muon}"), "--set 'optimizer={type: muon}'");
        says(refusal(before, "model.dropout=0.2"), "init_from: checkpoints/short, dropout: 0.2}");
        assertFalse(refusal(before, "model.n_embd=64").contains("init_from"), "other shapes cannot begin from these weights");
    }

    /**
     * Of two settings of one key, the later one counts. So the advice never sets {@code model} twice, and {@code data.tokenizer=null} comes
     * after {@code data}.
     */
    @Test
    void theSettingsOfTheAdviceAreInTheRightOrder() {
        String shapes = refusal(before, "model={n_embd: 64}");
        says(shapes, "Begin another run with --run NAME.");
        assertFalse(shapes.contains("init_from"), shapes);
        String data = "data={train: other.txt, tokenizer: {type: char}}";
        says(refusal(before, data), "config.yaml", "--set '" + data + "'", "--set data.tokenizer=null");
    }

    @Test
    void theAdviceNamesTheCommandThatTrainsTheRun() {
        String message = assertThrows(ConfigException.class, () -> ResumeChanges.apply(before, RUN, "cluster train", List.of("seed=2")))
            .getMessage();
        says(message, "`cluster train checkpoints/short/config.yaml --run NAME");
    }

    @Test
    void adaptersAreMergedBeforeAnotherRunBeginsFromThem() {
        RunConfig tuned = parse(SHORTEST, "model.init_from=other", "finetune.lora={rank: 4}");
        says(refusal(tuned, "seed=2"), "merge checkpoints/short --to MERGED", "init_from: MERGED");
    }

    private static String refusal(RunConfig run, String setting) {
        return assertThrows(ConfigException.class, () -> apply(run, List.of(setting))).getMessage();
    }

    private static ResumeChanges apply(RunConfig run, List<String> settings) {
        return ResumeChanges.apply(run, RUN, "train", settings);
    }
}
