package inkling.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.JsonFields;
import inkling.io.StrictJson;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Where a run stands, {@code progress.json}: with weights and moments all that an exact resume needs, since batches and dropout
 * are functions of (seed, step).
 *
 * @param step updates completed
 * @param tokens seen
 * @param bestLoss lowest validation loss so far, nats per token
 * @param bestStep where it was measured; 0 if never
 * @param evaluationsWithoutBest in a row
 */
public record Progress(long step, long tokens, OptionalDouble bestLoss, long bestStep, int evaluationsWithoutBest) {
    static final String FILE_NAME = "progress.json";
    static final int FORMAT_VERSION = 1;

    public static final Progress START = new Progress(0, 0, OptionalDouble.empty(), 0, 0);

    byte[] bytes() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("format_version", FORMAT_VERSION);
        node.put("step", step);
        node.put("tokens", tokens);
        bestLoss.ifPresent(loss -> node.put("best_val_loss", loss));
        node.put("best_step", bestStep);
        node.put("evaluations_without_best", evaluationsWithoutBest);
        return StrictJson.bytes(node);
    }

    static Progress read(Path file) {
        JsonFields fields = JsonFields.read(file);
        int version = fields.requireInt("format_version");
        if (version != FORMAT_VERSION) {
            throw fields.fault("format_version", "is not %d, the one this version reads. Update Inkling to read it.".formatted(FORMAT_VERSION));
        }
        fields.rejectUnknown(Set.of("format_version", "step", "tokens", "best_val_loss", "best_step", "evaluations_without_best"));
        for (String field : new String[] {"step", "tokens", "best_step", "evaluations_without_best"}) {
            if (fields.requireLong(field) < 0) {
                throw fields.fault(field, "must not be negative.");
            }
        }
        return new Progress(fields.requireLong("step"), fields.requireLong("tokens"), fields.optionalDouble("best_val_loss"),
            fields.requireLong("best_step"), fields.requireInt("evaluations_without_best"));
    }
}
