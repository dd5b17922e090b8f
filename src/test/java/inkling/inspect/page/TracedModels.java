package inkling.inspect.page;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Devices;
import inkling.generate.TokenText;
import inkling.inspect.ForwardTrace;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.model.config.Activation;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;

/** Small models of three architectures, and traces of passes through them. */
abstract class TracedModels {
    final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    static Stream<GptConfig> architectures() {
        return Stream.of(
            GptOptions.DEFAULT.with(o -> o.nLayer(3).nHead(2).nEmbd(16).contextLength(12).dropout(0.2)).over(23),
            GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(16).nInner(48).contextLength(12).bias(false)
                .tieEmbeddings(false).positions(Positions.ROPE).norm(Norm.RMS_NORM).activation(Activation.SWIGLU)).over(23),
            GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(16).contextLength(12).positions(Positions.ROPE).embeddingScale(0.5)
                .attentionScale(Optional.of(0.5)).residualScale(0.8).logitScale(1.5).branches(Branches.PARALLEL)).over(23));
    }

    /** A model with weights larger than initial ones. With initial weights attention would be uniform, and mistakes would not show. */
    Gpt model(GptConfig config) {
        Gpt gpt = Gpt.initialise(config, manager, 5);
        gpt.parameters().asMap().forEach((name, array) -> {
            if (array.getShape().dimension() == 2) {
                array.muli(12);
            }
        });
        return gpt;
    }

    ForwardTrace trace(Gpt gpt, int... ids) {
        return ForwardTrace.of(gpt, manager, new TokenText(Optional.empty()), ids);
    }

    float[] plainLogits(Gpt gpt, int... ids) {
        try (NDManager scope = manager.newSubManager()) {
            return gpt.forward(scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length)), Mode.EVAL,
                Probe.NONE).toFloatArray();
        }
    }

    static double[] softmax(float[] logits) {
        double sum = IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i])).sum();
        return IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i]) / sum).toArray();
    }

    /** A model, a text that one word must follow, that word's token, and a text that the model has not learned. */
    record Reader(Path model, String begun, String next, String unread) {}
}
