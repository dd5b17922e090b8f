package inkling.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.Fixtures;
import inkling.data.EvaluationWindows;
import inkling.data.Tokens;
import inkling.engine.ComputeContext;
import inkling.engine.DeviceName;
import inkling.engine.Precision;
import inkling.engine.Precision.Storage;
import inkling.generate.GptLogits;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.model.TargetScores;
import inkling.train.Evaluator;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Models whose weights are stored in two bytes or in one: our own and, if {@code ../shared} has it, one that was trained on Dickens. */
@Tag("thorough")
class StoredShortTest {
    private static final int TOKENS = 400;

    static Stream<Path> models() {
        return Fixtures.models("pretrained/dickens-gpt2");
    }

    private static LoadedModel open(Path model, Storage storage) {
        ComputeContext context = ComputeContext.of(new DeviceName("cpu"), OptionalInt.empty(), Precision.storing(storage));
        return LoadedModel.open(ModelLocation.of(model, Optional.empty()), Optional.empty(), context);
    }

    private static int[] text(Path model) {
        String all = model.endsWith("dickens-gpt2") ? Fixtures.dickens() : Fixtures.tales();
        String held = all.substring((int) (0.9 * all.length()));
        try (LoadedModel loaded = open(model, Storage.FLOAT32)) {
            return loaded.requireTokenizer("this test").encode(held);
        }
    }

    /** The loss may change by 0.001 nats in bf16 and by 0.01 in int8. */
    @ParameterizedTest
    @MethodSource("models")
    void theLossOfTheLastTenthStays(Path model) {
        int[] ids = text(model);
        double whole = loss(model, ids, Storage.FLOAT32);
        assertEquals(whole, loss(model, ids, Storage.BF16), 0.001);
        assertEquals(whole, loss(model, ids, Storage.INT8), 0.01);
        assertTrue(whole != loss(model, ids, Storage.INT8), "the weights were rounded");
    }

    private static double loss(Path model, int[] ids, Storage storage) {
        try (LoadedModel loaded = open(model, storage)) {
            int columns = loaded.gpt().config().contextLength();
            return new Evaluator(loaded.manager(), loaded.gpt(), loaded.context())
                .over(EvaluationWindows.all(Tokens.of(ids), 16, columns)).loss();
        }
    }

    /** The scores by which {@code eval --tasks} works are those that the logits give. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void scoresOfGivenTokensAreThoseOfTheLogits(Storage storage) {
        try (LoadedModel loaded = open(Fixtures.own("gpt2"), storage); NDManager scope = loaded.manager().newSubManager()) {
            NDArray ids = scope.create(new long[] {5, 9, 2, 11, 7, 3}, new Shape(2, 3));
            NDArray targets = scope.create(new long[] {9, -1, 4, 7, 3, 8}, new Shape(2, 3));
            float[] found = TargetScores.of(loaded.gpt(), ids, targets).logProbabilities();
            float[] all = loaded.gpt().forward(ids, Mode.EVAL, Probe.NONE).logSoftmax(-1).toFloatArray();
            int vocabulary = all.length / found.length;
            long[] wanted = targets.toLongArray();
            for (int i = 0; i < found.length; i++) {
                assertEquals(wanted[i] < 0 ? 0 : all[i * vocabulary + (int) wanted[i]], found[i], 1e-4, "token " + i);
            }
        }
    }

    /** A single token goes through other matrix products than a whole window. */
    @ParameterizedTest
    @MethodSource("models")
    void theLossStaysTokenByTokenToo(Path model) {
        int[] ids = text(model);
        for (Storage storage : List.of(Storage.BF16, Storage.INT8)) {
            double[] both = {nats(model, ids, Storage.FLOAT32), nats(model, ids, storage)};
            assertEquals(both[0], both[1], 0.02, storage + ", mean nats of " + TOKENS + " tokens");
        }
    }

    private static double nats(Path model, int[] ids, Storage storage) {
        try (LoadedModel loaded = open(model, storage); GptLogits logits = new GptLogits(loaded.gpt(), loaded.manager(),
            loaded.context())) {
            int context = loaded.gpt().config().contextLength();
            double nats = 0;
            for (int i = 0; i < Math.min(TOKENS, ids.length - 1); i++) {
                int at = i;
                if (at % context == 0) {
                    logits.keep(0, context, 0);
                }
                float[] next = logits.read(new int[] {ids[at]})[0];
                double sum = IntStream.range(0, next.length).mapToDouble(id -> Math.exp(next[id] - next[ids[at + 1]])).sum();
                nats += Math.log(sum);
            }
            return nats / Math.min(TOKENS, ids.length - 1);
        }
    }
}
