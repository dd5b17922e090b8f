package inkling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import inkling.config.Key;
import inkling.model.config.GptConfig;
import inkling.model.config.Positions;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The description of what a model stores. */
class GptLayoutTest {
    private static final GptConfig GPT2 = OptionMatrix.named().get("gpt2");

    static Stream<GptConfig> configs() {
        return OptionMatrix.all().stream();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void namesAndShapesAreThoseOfTheReference(GptConfig config) {
        Map<String, Shape> expected = new LinkedHashMap<>();
        ReferenceGpt.parameterShapes(config).forEach((name, shape) ->
            expected.put(name, new Shape(Arrays.stream(shape).asLongStream().toArray())));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        GptLayout.of(config).specs().forEach(spec -> shapes.put(spec.name(), spec.shape()));
        assertEquals(expected, shapes);
    }

    @Test
    void theOrderIsThatOfTheFiles() {
        GptConfig config = OptionMatrix.named().get("llama").with(c -> c.nLayer(1).positions(Positions.LEARNED));
        assertEquals(List.of("wte.weight", "wpe.weight", "h.0.ln_1.weight", "h.0.attn.c_attn.weight", "h.0.attn.c_proj.weight",
            "h.0.ln_2.weight", "h.0.mlp.c_gate.weight", "h.0.mlp.c_fc.weight", "h.0.mlp.c_proj.weight", "ln_f.weight", "lm_head.weight"),
            GptLayout.of(config).names());
    }

    @Test
    void whatWritesToTheResidualStreamIsMarked() {
        List<String> writers = GptLayout.of(GPT2).specs().stream().filter(ParameterSpec::toResidual).map(ParameterSpec::name).toList();
        assertEquals(List.of("h.0.attn.c_proj.weight", "h.0.mlp.c_proj.weight", "h.1.attn.c_proj.weight", "h.1.mlp.c_proj.weight"),
            writers);
    }

    @Test
    void adaptersFollowAndBelongToTheirBlock() {
        Lora lora = new Lora(new LoraConfig(2, 2, 0, List.of("mlp.c_fc")));
        GptLayout layout = GptLayout.of(GPT2, Optional.of(lora));
        assertEquals(GptLayout.of(GPT2).names(), layout.names().subList(0, layout.names().size() - 4));
        ParameterSpec spec = layout.spec("h.1.mlp.c_fc.lora_B.weight");
        assertEquals(new ParameterSpec("h.1.mlp.c_fc.lora_B.weight", new Shape(16, 2), ParameterSpec.Role.ADAPTER,
            OptionalInt.of(1), false),
            spec);
        assertTrue(spec.isMatrixOfABlock());
        assertThrows(IllegalArgumentException.class, () -> layout.spec("h.2.mlp.c_fc.weight"));
    }

    /** Muon makes only the updates of the blocks' matrices orthogonal. */
    @Test
    void theMatricesOfBlocksAreTheirLinears() {
        GptLayout layout = GptLayout.of(GPT2);
        assertEquals(8, layout.specs().stream().filter(ParameterSpec::isMatrixOfABlock).count());
        assertFalse(layout.spec("wte.weight").isMatrixOfABlock() || layout.spec("wpe.weight").isMatrixOfABlock());
    }

    @Test
    void theDescriptionOfTargetsNamesEveryLinear() throws NoSuchMethodException {
        Key targets = Arrays.stream(LoraConfig.class.getRecordComponents()).filter(c -> c.getName().equals("targets")).findFirst()
            .orElseThrow().getAnnotation(Key.class);
        String all = String.join(", ", Part.linears().stream().map(Part::path).sorted().toList());
        assertTrue(targets.doc().contains(": of all blocks, " + all + ";"), targets.doc());
    }
}
