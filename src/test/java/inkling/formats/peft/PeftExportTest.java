package inkling.formats.peft;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.formats.Directories;
import inkling.formats.FamilyConfigs;
import inkling.formats.HuggingFaceExport;
import inkling.formats.ModelDirectory;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Mode;
import inkling.model.Parameters;
import inkling.model.Probe;
import inkling.model.config.GptConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters are exported as PEFT writes them. Read again beside the base, or merged into it, they compute the same. */
class PeftExportTest {
    private static final int[] IDS = {5, 16, 0, 7, 9, 200};
    private static final List<String> EVERYWHERE = List.of("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj");

    @TempDir
    Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    /** The model in {@code base} with adapters, none of them zero. */
    private Gpt adapted(Path base, List<String> targets) {
        GptConfig config = ModelDirectory.config(base);
        Lora lora = new Lora(new LoraConfig(3, 5, 0.1, targets));
        Parameters parameters = ModelDirectory.parameters(base, config, manager);
        lora.addTo(parameters, config, 3);
        lora.specs(config).forEach(spec -> parameters.get(spec.name()).addi(manager.randomNormal(0, 0.1f, spec.shape(),
            parameters.get(spec.name()).getDataType())));
        return new Gpt(config, parameters, Optional.of(lora));
    }

    private float[] logits(Gpt gpt) {
        try (NDManager scope = manager.newSubManager()) {
            return gpt.forward(scope.create(IDS).expandDims(0), Mode.EVAL, Probe.NONE).toFloatArray();
        }
    }

    private static HuggingFaceExport.Beside beside(Path base) {
        return new HuggingFaceExport.Beside(Optional.empty(), ModelDirectory.generation(base), Optional.empty());
    }

    private Path export(Gpt gpt, Path base, String name) throws IOException {
        Path named = Files.createDirectories(directory.resolve("run-" + name));      // a checkpoint that names its base
        Files.writeString(named.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"%s\"}".formatted(base));
        Path to = directory.resolve(name);
        HuggingFaceExport.Adapter written = HuggingFaceExport.writeAdapter(gpt, beside(base), named, to);
        assertEquals(base.toAbsolutePath().normalize().toString(), written.base());
        return to;
    }

    private void assertComeBack(Path base, List<String> targets, String name) throws IOException {
        try (Gpt gpt = adapted(base, targets)) {
            Path to = export(gpt, base, name);
            float[] expected = logits(gpt);
            try (Gpt plain = ModelDirectory.load(base, manager)) {
                assertFalse(Arrays.equals(expected, logits(plain)), "adapters that change nothing prove nothing");
            }
            try (Gpt read = ModelDirectory.load(to, manager); Gpt merged = read.lora().orElseThrow().merged(read, manager)) {
                assertArrayEquals(expected, logits(read), 2e-5f, name);
                assertArrayEquals(expected, logits(merged), 2e-5f, name + ", merged");
            }
        }
    }

    static Stream<String> families() {
        return FamilyConfigs.all().keySet().stream();
    }

    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("families")
    void adaptersOfEveryFamilyComeBack(String name) throws IOException {
        Path base = FamilyConfigs.write(directory.resolve("base"), FamilyConfigs.all().get(name), manager);
        boolean gated = ModelDirectory.config(base).mlp().gated();
        List<String> all = gated ? Stream.concat(EVERYWHERE.stream(), Stream.of("mlp.c_gate")).toList() : EVERYWHERE;
        assertComeBack(base, all, "everywhere");
        assertComeBack(base, List.of("attn.c_attn", "h.1.mlp.c_proj"), "some");
        assertComeBack(base, gated ? List.of("h.0.mlp.c_gate") : List.of("h.0.mlp.c_fc"), "one");
        assertComeBack(base, gated ? List.of("mlp.c_fc", "h.0.mlp.c_gate") : List.of("mlp.c_fc", "h.0.attn.c_attn"), "more in one block");
    }

    /**
     * Other programs make adapters for a family's own linear layers, also for fused ones (query_key_value, qkv_proj, gate_up_proj). A
     * model with such adapters must compute the same as a model whose file has W + (alpha / r) · B A.
     */
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("families")
    void adaptersOfTheFamilysOwnLinearsAreAddedToThem(String name) throws IOException {
        Path base = FamilyConfigs.write(directory.resolve("base"), FamilyConfigs.all().get(name), manager);
        List<Entry> merged = new ArrayList<>();
        List<Entry> adapters = new ArrayList<>();
        Set<String> targets = new TreeSet<>();
        try (SafetensorsFile file = SafetensorsFile.open(base.resolve("model.safetensors"))) {
            file.tensors().forEach((tensor, info) -> {
                float[] weight = file.floats(tensor);                                             // (out, in)
                if (info.shape().size() == 2 && tensor.contains(".layers.")) {
                    int out = info.shape().get(0).intValue();
                    int in = info.shape().get(1).intValue();
                    String module = tensor.substring(0, tensor.length() - ".weight".length());
                    targets.add(module.substring(module.lastIndexOf('.') + 1));
                    float[] a = manager.randomNormal(0, 0.2f, new Shape(2, in), DataType.FLOAT32).toFloatArray();
                    float[] b = manager.randomNormal(0, 0.2f, new Shape(out, 2), DataType.FLOAT32).toFloatArray();
                    adapters.add(Entry.floats("base_model.model." + module + ".lora_A.weight", List.of(2L, (long) in), a));
                    adapters.add(Entry.floats("base_model.model." + module + ".lora_B.weight", List.of((long) out, 2L), b));
                    for (int i = 0; i < weight.length; i++) {
                        weight[i] += 3 * (b[i / in * 2] * a[i % in] + b[i / in * 2 + 1] * a[in + i % in]);
                    }
                }
                merged.add(Entry.floats(tensor, info.shape(), weight));
            });
        }
        Path whole = Files.createDirectories(directory.resolve("whole"));
        Files.copy(base.resolve("config.json"), whole.resolve("config.json"));
        Directories.safetensors(whole.resolve("model.safetensors"), merged);
        Path beside = Files.createDirectories(directory.resolve("beside"));
        Files.write(beside.resolve("adapter_config.json"), new ObjectMapper().writeValueAsBytes(Map.of("peft_type", "LORA", "r", 2,
            "lora_alpha", 6, "target_modules", targets, "base_model_name_or_path", base.toString())));
        Directories.safetensors(beside.resolve("adapter_model.safetensors"), adapters);
        try (Gpt expected = ModelDirectory.load(whole, manager); Gpt found = ModelDirectory.load(beside, manager);
             Gpt plain = ModelDirectory.load(base, manager)) {
            assertFalse(Arrays.equals(logits(plain), logits(found)), "adapters that change nothing prove nothing");
            assertArrayEquals(logits(expected), logits(found), 5e-5f, name + " " + targets);
        }
    }

    @Test void adaptersOfOurOwnTrainedModelsComeBackToo() throws IOException {
        for (String model : List.of("gpt2", "llama")) {
            assertComeBack(Fixtures.own(model), List.of("attn.c_attn", "mlp.c_proj"), model);
        }
    }

    private Map<String, Shape> shapes(Path adapter) {
        Map<String, Shape> shapes = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"))) {
            file.tensors().forEach((name, tensor) -> shapes.put(name, new Shape(tensor.shape())));
        }
        return shapes;
    }

    /** Names and shapes are those of {@code get_peft_model_state_dict}: A (r, in), B (out, r), whatever the layout of the base. */
    @Test void namesShapesAndKeysArePefts() throws IOException {
        Path base = FamilyConfigs.write(directory.resolve("base"), FamilyConfigs.all().get("qwen3"), manager);
        try (Gpt gpt = adapted(base, List.of("attn.c_attn", "h.1.mlp.c_proj"))) {
            Path to = export(gpt, base, "qwen3");
            String layer = "base_model.model.model.layers.";
            Map<String, Shape> expected = new TreeMap<>();
            for (int block = 0; block < 2; block++) {
                for (String part : List.of("q", "k", "v")) {
                    expected.put(layer + block + ".self_attn." + part + "_proj.lora_A.weight", new Shape(3, 16));
                    expected.put(layer + block + ".self_attn." + part + "_proj.lora_B.weight", new Shape(part.equals("q") ? 24 : 12, 3));
                }
            }
            expected.put(layer + "1.mlp.down_proj.lora_A.weight", new Shape(3, 24));
            expected.put(layer + "1.mlp.down_proj.lora_B.weight", new Shape(16, 3));
            assertEquals(expected, shapes(to));
            JsonNode config = new ObjectMapper().readTree(to.resolve("adapter_config.json").toFile());
            assertEquals("[\"q_proj\",\"k_proj\",\"v_proj\",\"1.mlp.down_proj\"]", config.get("target_modules").toString());
            assertEquals("LORA CAUSAL_LM 3 5 0.1 false none", Stream.of("peft_type", "task_type", "r", "lora_alpha", "lora_dropout",
                "fan_in_fan_out", "bias").map(key -> config.get(key).asText()).reduce((a, b) -> a + " " + b).orElseThrow());
        }
    }

    @Test void gpt2sConvolutionsAreSaidToBeTransposed() throws IOException {
        try (Gpt gpt = adapted(Fixtures.own("gpt2"), List.of("attn.c_proj"))) {
            Path to = export(gpt, Fixtures.own("gpt2"), "gpt2");
            JsonNode config = new ObjectMapper().readTree(to.resolve("adapter_config.json").toFile());
            assertEquals("[\"attn.c_proj\"]", config.get("target_modules").toString(), "c_proj alone would mean the MLP's, too");
            assertEquals(true, config.get("fan_in_fan_out").booleanValue());
            assertEquals("base_model.model.transformer.h.0.attn.c_proj.lora_A.weight", shapes(to).keySet().iterator().next());
        }
    }

    @Test void adaptersOfTwoLinearsAreStackedForAFusedOne() throws IOException {
        Path base = FamilyConfigs.write(directory.resolve("base"), FamilyConfigs.all().get("phi4mini"), manager);
        try (Gpt gpt = adapted(base, List.of("mlp.c_gate", "mlp.c_fc"))) {
            Path to = export(gpt, base, "phi");
            assertEquals(new Shape(6, 16), shapes(to).get("base_model.model.model.layers.0.mlp.gate_up_proj.lora_A.weight"));
            JsonNode config = new ObjectMapper().readTree(to.resolve("adapter_config.json").toFile());
            assertEquals("{\"gate_up_proj\":6}", config.get("rank_pattern").toString());
            assertEquals("{\"gate_up_proj\":10.0}", config.get("alpha_pattern").toString());
        }
    }

    /**
     * One name in target_modules, rank_pattern or alpha_pattern may stand for several modules. All of these must have the same number of
     * our adapters.
     */
    @Test void aFusedLinearWithMoreAdaptersInOneBlockIsNamedWithItsBlock() throws IOException {
        Path base = FamilyConfigs.write(directory.resolve("base"), FamilyConfigs.all().get("phi4mini"), manager);
        try (Gpt gpt = adapted(base, List.of("mlp.c_fc", "h.0.mlp.c_gate"))) {
            Path to = export(gpt, base, "phi");
            String layers = "base_model.model.model.layers.";
            assertEquals(new Shape(6, 16), shapes(to).get(layers + "0.mlp.gate_up_proj.lora_A.weight"));
            assertEquals(new Shape(3, 16), shapes(to).get(layers + "1.mlp.gate_up_proj.lora_A.weight"));
            JsonNode config = new ObjectMapper().readTree(to.resolve("adapter_config.json").toFile());
            assertEquals("[\"0.mlp.gate_up_proj\",\"1.mlp.gate_up_proj\"]", config.get("target_modules").toString());
            assertEquals("{\"0\\\\.mlp\\\\.gate_up_proj\":6}", config.get("rank_pattern").toString());
            assertEquals("{\"0\\\\.mlp\\\\.gate_up_proj\":10.0}", config.get("alpha_pattern").toString());
        }
    }

    @Test void aModelWithoutAdaptersHasNoneToWrite() {
        try (Gpt gpt = ModelDirectory.load(Fixtures.own("gpt2"), manager)) {
            Path model = Fixtures.own("gpt2");
            says(assertThrows(ConfigException.class, () -> HuggingFaceExport.writeAdapter(gpt, beside(model), model,
                directory.resolve("x"))).getMessage(), "no adapters", "export MODEL --to DIR");
        }
    }
}
