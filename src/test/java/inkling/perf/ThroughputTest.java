package inkling.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.model.config.GptConfig;
import inkling.reference.OptionMatrix;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThroughputTest {
    private static final GptConfig GPT2 = OptionMatrix.named().get("gpt2");
    private static final int COLUMNS = 5;

    /** The MFU at the end of a run counts what the estimate before the run counts. */
    @ParameterizedTest
    @ValueSource(strings = {"seed=1", "finetune.lora={rank: 1}", "finetune.freeze=[wte, h.0]"})
    void theFlopsOfATokenAreThoseOfTheEstimate(String override) {
        RunConfig config = ConfigFile.parse("{name: e, data: {train: x.txt}, model: {init_from: gpt2}, schedule: {learning_rate: 1.0e-4}}",
            "e.yaml", List.of("train.context_length=" + COLUMNS, override));
        ComputeContext context = ComputeContext.of("cpu");
        try (NDManager manager = context.manager(); Gpt plain = Gpt.initialise(GPT2, manager, 1)) {
            config.finetune().lora().ifPresent(adapters -> new Lora(adapters).addTo(plain.parameters(), GPT2, 1));
            Gpt gpt = new Gpt(GPT2, plain.parameters(), config.finetune().lora().map(Lora::new));
            Throughput throughput = new Throughput(context, gpt, config.finetune().trainable(gpt.layout()), COLUMNS);
            assertEquals(Estimate.of(config, GPT2, context, 1e11).flopsPerToken(), throughput.flopsPerToken());
        }
    }
}
