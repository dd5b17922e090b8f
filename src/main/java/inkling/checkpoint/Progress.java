package inkling.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.model.grad.Rewards;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * How far a run has come: {@code progress.json}. An exact resume needs only these:
 * <ul>
 * <li>the files of the checkpoint, {@code progress.json} among them</li>
 * <li>the run's own files: config.yaml and run.json; in a cluster, {@code workers/}; with preferences, {@code reference.safetensors}</li>
 * <li>the text</li>
 * </ul>
 * Batches and dropout need no state, because they are functions of (seed, micro-step).
 *
 * @param step updates completed
 * @param tokens tokens seen in these updates
 * @param bestLoss lowest validation loss so far: nats per token, or nats per pair in a run of preferences
 * @param bestStep the step at which bestLoss was measured; 0 if bestLoss is empty
 * @param evaluationsWithoutBest how many evaluations in a row found no lower loss
 * @param unevaluated the last update, if the run was stopped during the evaluation of that update; a resumed run evaluates first
 */
public record Progress(long step, long tokens, OptionalDouble bestLoss, long bestStep, int evaluationsWithoutBest,
                       Optional<Unevaluated> unevaluated) {
    /** The figures of an update that is not evaluated yet. They are kept because metrics.csv has them in one row with the evaluation. */
    public record Unevaluated(double loss, double gradNorm, double learningRate, double tokensPerSecond, double stepMillis,
                              Rewards rewards) {}

    static final String FILE_NAME = "progress.json";
    static final int FORMAT_VERSION = 1;

    public static final Progress START = new Progress(0, 0, OptionalDouble.empty(), 0, 0, Optional.empty());
    private static final String REWARDS = "rewards";
    private static final String UNEVALUATED = "unevaluated_update";

    /**
     * This state after more updates.
     *
     * @param step counts from the run's beginning
     * @param tokens count from there, too; in the turn of a cluster's worker, from the turn's beginning
     */
    public Progress updated(long step, long tokens) {
        return new Progress(step, tokens, bestLoss, bestStep, evaluationsWithoutBest, Optional.empty());
    }

    /** This state if the run stops before its last update is evaluated; {@code update} holds the figures of that update. */
    public Progress withoutEvaluation(Unevaluated update) {
        return new Progress(step, tokens, bestLoss, bestStep, evaluationsWithoutBest, Optional.of(update));
    }

    /** This state after an evaluation: {@code loss} is the lowest so far. */
    public Progress withBest(double loss) {
        return new Progress(step, tokens, OptionalDouble.of(loss), step, 0, Optional.empty());
    }

    /** This state after an evaluation that found no lower loss. */
    public Progress withNoBetter() {
        return new Progress(step, tokens, bestLoss, bestStep, evaluationsWithoutBest + 1, Optional.empty());
    }

    /** This state when the evaluation windows change: losses before and after cannot be compared, so there is no lowest one yet. */
    public Progress onOtherWindows() {
        return new Progress(step, tokens, OptionalDouble.empty(), 0, 0, unevaluated);
    }

    byte[] bytes() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("format_version", FORMAT_VERSION);
        node.put("step", step);
        node.put("tokens", tokens);
        bestLoss.ifPresent(loss -> node.put("best_val_loss", loss));
        node.put("best_step", bestStep);
        node.put("evaluations_without_best", evaluationsWithoutBest);
        unevaluated.ifPresent(update -> {
            ObjectNode kept = node.putObject(UNEVALUATED).put("train_loss", update.loss).put("grad_norm", update.gradNorm)
                .put("learning_rate", update.learningRate).put("tokens_per_second", update.tokensPerSecond)
                .put("step_millis", update.stepMillis);
            if (update.rewards.pairs() > 0) {
                Rewards rewards = update.rewards;
                kept.putObject(REWARDS).put("pairs", rewards.pairs()).put("loss", rewards.loss()).put("preferred", rewards.preferred())
                    .put("margin", rewards.margin()).put("chosen_gain", rewards.chosenGain()).put("chosen_tokens", rewards.chosenTokens());
            }
        });
        return StrictJson.bytes(node);
    }

    static Progress read(Path file) {
        JsonFields fields = JsonFields.read(file);
        int version = fields.requireInt("format_version");
        if (version != FORMAT_VERSION) {
            throw fields.fault("format_version",
                "is not %d, the one this version reads. Update Inkling to read it.".formatted(FORMAT_VERSION));
        }
        fields.rejectUnknown(Set.of("format_version", "step", "tokens", "best_val_loss", "best_step", "evaluations_without_best",
            UNEVALUATED));
        for (String field : new String[] {"step", "tokens", "best_step", "evaluations_without_best"}) {
            if (fields.requireLong(field) < 0) {
                throw fields.fault(field, "must not be negative.");
            }
        }
        return new Progress(fields.requireLong("step"), fields.requireLong("tokens"), fields.optionalDouble("best_val_loss"),
            fields.requireLong("best_step"), fields.requireInt("evaluations_without_best"),
            fields.optionalObject(UNEVALUATED).map(Progress::unevaluated));
    }

    private static Unevaluated unevaluated(JsonFields fields) {
        fields.rejectUnknown(Set.of("train_loss", "grad_norm", "learning_rate", "tokens_per_second", "step_millis", REWARDS));
        return new Unevaluated(fields.requireDouble("train_loss"), fields.requireDouble("grad_norm"), fields.requireDouble("learning_rate"),
            fields.requireDouble("tokens_per_second"), fields.requireDouble("step_millis"),
            fields.optionalObject(REWARDS).map(Progress::rewards).orElse(Rewards.NONE));
    }

    private static Rewards rewards(JsonFields fields) {
        fields.rejectUnknown(Set.of("pairs", "loss", "preferred", "margin", "chosen_gain", "chosen_tokens"));
        return new Rewards(fields.requireLong("pairs"), fields.requireDouble("loss"), fields.requireLong("preferred"),
            fields.requireDouble("margin"), fields.requireDouble("chosen_gain"), fields.requireLong("chosen_tokens"));
    }
}
