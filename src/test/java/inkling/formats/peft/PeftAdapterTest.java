package inkling.formats.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.engine.Devices;
import inkling.errors.ModelFormatException;
import inkling.formats.Directories;
import inkling.formats.ModelDirectory;
import inkling.formats.family.Gpt2Format;
import inkling.formats.family.LlamaFormat;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.LoraConfig;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.model.config.GptConfig;
import inkling.model.config.RopeConfig;
import inkling.reference.ReferenceGpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters as PEFT writes them; what they compute is checked against W + (alpha / r)·(B A)ᵀ and a forward pass in double precision. */
class PeftAdapterTest {
    private static final int RANK = 2;
    private static final int[] IDS = {5, 16, 0, 7, 9};

    @TempDir Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());
    private final Gpt gpt2 = Gpt.initialise(Directories.gpt2(true), manager, 5);
    private final Gpt llama = Gpt.initialise(Directories.llama(true, RopeConfig.DEFAULT), manager, 5);

    @AfterEach void free() {
        manager.close();
    }

    /** A module of the base: W (in, out) is columns {@code column} … of our weight. */
    private record Site(String module, String weight, int in, int out, int column) {}

    private static Site gpt2(int block, String part) {
        int[] size = Map.of("attn.c_attn", new int[] {8, 24}, "attn.c_proj", new int[] {8, 8}, "mlp.c_fc", new int[] {8, 20},
            "mlp.c_proj", new int[] {20, 8}).get(part);
        return new Site("transformer.h." + block + "." + part, "h." + block + "." + part + ".weight", size[0], size[1], 0);
    }

    private static Site llama(int block, String part) {
        String linear = switch (part) {
            case "q_proj", "k_proj", "v_proj" -> "attn.c_attn";
            case "o_proj" -> "attn.c_proj";
            case "gate_proj" -> "mlp.c_gate";
            case "up_proj" -> "mlp.c_fc";
            default -> "mlp.c_proj";
        };
        int in = part.equals("down_proj") ? 24 : 16;
        int out = Map.of("k_proj", 8, "v_proj", 8, "gate_proj", 24, "up_proj", 24).getOrDefault(part, 16);
        int column = Map.of("k_proj", 16, "v_proj", 24).getOrDefault(part, 0);
        String module = "model.layers." + block + (linear.startsWith("attn") ? ".self_attn." : ".mlp.") + part;
        return new Site(module, "h." + block + "." + linear + ".weight", in, out, column);
    }

    private static List<Site> everywhere(boolean llama, String... parts) {
        List<Site> sites = new ArrayList<>();
        for (int block = 0; block < 2; block++) {
            for (String part : parts) {
                sites.add(llama ? llama(block, part) : gpt2(block, part));
            }
        }
        return sites;
    }

    private static float[] values(String name, int size) {
        Random random = new Random(name.hashCode());
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (0.3 * random.nextGaussian());
        }
        return values;
    }

    private static Map<String, Object> config(Object targets) {
        Map<String, Object> config = new LinkedHashMap<>(Map.of("peft_type", "LORA", "r", RANK, "lora_alpha", 6, "target_modules", targets));
        config.putAll(Map.of("task_type", "CAUSAL_LM", "bias", "none", "fan_in_fan_out", true, "init_lora_weights", true, "use_dora", false,
            "rank_pattern", Map.of(), "megatron_core", "megatron.core", "peft_version", "0.17.1"));
        config.put("modules_to_save", null);
        return config;
    }

    /** @param name what the adapter's tensors are called, from the module's name and {@code .lora_A} */
    private void write(Path folder, Map<String, Object> config, List<Site> sites, UnaryOperator<String> name) {
        List<Entry> tensors = new ArrayList<>();
        for (Site site : sites) {
            tensors.add(Entry.floats(name.apply(site.module() + ".lora_A") + ".weight", List.of((long) RANK, (long) site.in()),
                values(site.module() + "A", RANK * site.in())));
            tensors.add(Entry.floats(name.apply(site.module() + ".lora_B") + ".weight", List.of((long) site.out(), (long) RANK),
                values(site.module() + "B", site.out() * RANK)));
        }
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve("adapter_config.json"), new ObjectMapper().writeValueAsBytes(config));
            Directories.safetensors(folder.resolve("adapter_model.safetensors"), tensors);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void writeBase(Path folder, Gpt gpt, boolean llama) {
        Directories.write(folder, llama ? Directories.llamaJson() : Directories.gpt2Json(),
            Directories.tensors(gpt, llama ? new LlamaFormat() : new Gpt2Format(), UnaryOperator.identity()));
    }

    private static double[][] expected(Gpt base, List<Site> sites, double scale) {
        GptConfig config = base.config();
        Map<String, double[]> parameters = new HashMap<>();
        ReferenceGpt.parameterShapes(config).keySet().forEach(name -> {
            float[] floats = base.parameters().get(name).toFloatArray();
            double[] doubles = new double[floats.length];
            for (int i = 0; i < doubles.length; i++) {
                doubles[i] = floats[i];
            }
            parameters.put(name, doubles);
        });
        for (Site site : sites) {
            float[] a = values(site.module() + "A", RANK * site.in());       // (r, in)
            float[] b = values(site.module() + "B", site.out() * RANK);      // (out, r)
            double[] weight = parameters.get(site.weight());
            int columns = weight.length / site.in();
            for (int i = 0; i < site.in(); i++) {
                for (int o = 0; o < site.out(); o++) {
                    for (int r = 0; r < RANK; r++) {
                        weight[i * columns + site.column() + o] += scale * (double) a[r * site.in() + i] * b[o * RANK + r];
                    }
                }
            }
        }
        return new ReferenceGpt(config, parameters).logits(new int[][] {IDS})[0];
    }

    private double[][] logits(Gpt gpt) {
        long[] ids = new long[IDS.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = IDS[i];
        }
        try (NDManager scope = manager.newSubManager()) {
            float[] flat = gpt.forward(scope.create(ids, new Shape(1, ids.length)), Mode.EVAL, Probe.NONE).toFloatArray();
            double[][] rows = new double[ids.length][flat.length / ids.length];
            for (int i = 0; i < flat.length; i++) {
                rows[i / rows[0].length][i % rows[0].length] = flat[i];
            }
            return rows;
        }
    }

    /** The model in the directory, with its adapters and merged, computes what is expected; and the adapters do count. */
    private void assertComputes(Path folder, Gpt base, List<Site> sites, double scale, String what) {
        double[][] expected = expected(base, sites, scale);
        double[][] without = expected(base, List.of(), scale);
        double difference = 0;
        for (int id = 0; id < without[4].length; id++) {
            difference = Math.max(difference, Math.abs(expected[4][id] - without[4][id]));
        }
        assertTrue(difference > 1e-4, what + ": " + difference);
        try (Gpt adapted = ModelDirectory.load(folder, manager); Gpt merged = adapted.lora().orElseThrow().merged(adapted, manager)) {
            for (Gpt gpt : List.of(adapted, merged)) {
                double[][] found = logits(gpt);
                for (int t = 0; t < IDS.length; t++) {
                    assertArrayEquals(expected[t], found[t], 2e-5, what + (gpt == merged ? ", merged" : ""));
                }
            }
        }
    }

    @Test void targetsAreTakenInEveryFormThatPeftWrites() {
        writeBase(directory, gpt2, false);
        Map<Object, List<Site>> forms = new LinkedHashMap<>();
        forms.put(List.of("c_attn"), everywhere(false, "attn.c_attn"));
        forms.put(List.of("c_proj"), everywhere(false, "attn.c_proj", "mlp.c_proj"));
        forms.put(List.of("mlp.c_proj", "c_fc", "nothing"), everywhere(false, "mlp.c_proj", "mlp.c_fc"));
        forms.put(List.of("h.1.attn.c_attn", "transformer.h.0.mlp.c_fc"), List.of(gpt2(1, "attn.c_attn"), gpt2(0, "mlp.c_fc")));
        forms.put(".*\\.attn\\.(c_attn|c_proj)", everywhere(false, "attn.c_attn", "attn.c_proj"));
        forms.put("transformer\\.h\\.1\\..*c_(?!attn).*", List.of(gpt2(1, "attn.c_proj"), gpt2(1, "mlp.c_fc"), gpt2(1, "mlp.c_proj")));
        forms.put("all-linear", everywhere(false, "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"));
        forms.forEach((targets, sites) -> {
            write(directory, config(targets), sites, name -> "base_model.model." + name);
            assertComputes(directory, gpt2, sites, 3, targets.toString());
        });
    }

    @Test void someModulesOrLayersMayBeLeftOut() {
        writeBase(directory, gpt2, false);
        Map<String, Object> config = config(List.of("c_attn", "c_proj"));
        config.putAll(Map.of("exclude_modules", List.of("mlp.c_proj"), "layers_to_transform", List.of(1), "layers_pattern", "h"));
        List<Site> sites = List.of(gpt2(1, "attn.c_attn"), gpt2(1, "attn.c_proj"));
        write(directory, config, sites, name -> "base_model.model." + name);
        assertComputes(directory, gpt2, sites, 3, "layer 1");
        config = config("all-linear");
        config.put("exclude_modules", ".*mlp.*");
        write(directory, config, everywhere(false, "attn.c_attn", "attn.c_proj"), name -> "base_model.model." + name);
        assertComputes(directory, gpt2, everywhere(false, "attn.c_attn", "attn.c_proj"), 3, "without mlp");
    }

    @Test void queriesKeysAndValuesOfALlamaHaveAdaptersOfTheirOwn() {
        writeBase(directory, llama, true);
        Map<Object, List<Site>> forms = new LinkedHashMap<>();
        forms.put(List.of("q_proj", "v_proj"), everywhere(true, "q_proj", "v_proj"));
        forms.put(List.of("k_proj"), everywhere(true, "k_proj"));
        forms.put(".*\\.layers\\.1\\..*(v_proj|o_proj|down_proj)", List.of(llama(1, "v_proj"), llama(1, "o_proj"), llama(1, "down_proj")));
        forms.put(List.of("layers.0.self_attn.q_proj", "layers.1.self_attn.k_proj", "up_proj"),
            List.of(llama(0, "q_proj"), llama(1, "k_proj"), llama(0, "up_proj"), llama(1, "up_proj")));
        forms.put("all-linear", everywhere(true, "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"));
        forms.forEach((targets, sites) -> {
            write(directory, config(targets), sites, name -> "base_model.model." + name);
            assertComputes(directory, llama, sites, 3, targets.toString());
        });
    }

    @Test void namesMayHaveThePrefixesAndTheAdaptersNameOrNot() {
        writeBase(directory, gpt2, false);
        List<Site> sites = everywhere(false, "attn.c_attn");
        List<UnaryOperator<String>> spellings = List.of(name -> name, name -> "base_model.model." + name + ".default",
            name -> "base_model.model." + name.replace("transformer.", ""), name -> "_orig_mod.base_model.model." + name,
            name -> "module." + name);
        for (UnaryOperator<String> spelling : spellings) {
            write(directory, config(List.of("c_attn")), sites, spelling);
            assertComputes(directory, gpt2, sites, 3, spelling.apply("transformer.h"));
        }
    }

    @Test void theScaleOfRsloraDividesByTheRoot() {
        writeBase(directory, gpt2, false);
        Map<String, Object> config = config(List.of("c_attn"));
        config.put("use_rslora", true);
        write(directory, config, everywhere(false, "attn.c_attn"), name -> "base_model.model." + name);
        assertComputes(directory, gpt2, everywhere(false, "attn.c_attn"), 6 / Math.sqrt(2), "rslora");
    }

    /** A module's own rank and alpha; the first pattern that matches counts, as in PEFT. */
    @Test void ranksAndAlphasMayBeAModulesOwn() throws IOException {
        writeBase(directory, llama, true);
        List<Site> sites = everywhere(true, "q_proj", "v_proj", "o_proj");
        Map<String, Object> config = config(List.of("q_proj", "v_proj", "o_proj"));
        config.put("r", 7);
        config.put("lora_alpha", 5);
        config.put("rank_pattern", Map.of("self_attn.[qvo]_proj", RANK));
        Map<String, Object> alphas = new LinkedHashMap<>();
        alphas.put("layers\\.1\\.self_attn\\.q_proj", 6);
        alphas.put("q_proj|v_proj", 6);
        alphas.put("v_proj", 1000);
        alphas.put(".*o_proj", 6.0);
        config.put("alpha_pattern", alphas);
        write(directory, config, sites, name -> "base_model.model." + name);
        assertComputes(directory, llama, sites, 3, "rank and alpha of their own");
        config.put("use_rslora", true);
        write(directory, config, sites, name -> "base_model.model." + name);
        assertComputes(directory, llama, sites, 6 / Math.sqrt(2), "with rslora");
    }

    @Test void adaptersThatCountDifferentlyAreAddedUpAsTheyCount() throws IOException {
        writeBase(directory, llama, true);
        List<Site> queries = everywhere(true, "q_proj");
        List<Site> values = everywhere(true, "v_proj");
        List<Site> all = new ArrayList<>(queries);
        all.addAll(values);
        Map<String, Object> config = config(List.of("q_proj", "v_proj"));
        config.put("alpha_pattern", Map.of("v_proj", 18));          // 9 instead of 3: as if the values' sites were there three times
        write(directory, config, all, name -> "base_model.model." + name);
        List<Site> thrice = new ArrayList<>(queries);
        for (int i = 0; i < 3; i++) {
            thrice.addAll(values);
        }
        assertComputes(directory, llama, thrice, 3, "alpha of the values alone");
    }

    @Test void aFaultyPatternIsNamed() {
        writeBase(directory, gpt2, false);
        List<Site> sites = everywhere(false, "attn.c_attn");
        for (Object wrong : List.of(Map.of("c_attn", 0), Map.of("c_attn", 1L << 40), Map.of("(c_attn", 2), Map.of("c_attn", "2"))) {
            Map<String, Object> config = config(List.of("c_attn"));
            config.put("rank_pattern", wrong);
            assertTrue(faultOf(config, sites).contains("c_attn"), wrong.toString());
        }
        Map<String, Object> config = config(List.of("c_attn"));
        config.put("rank_pattern", Map.of("c_attn", 3));
        assertTrue(faultOf(config, sites).contains("c_attn.lora_A.weight is (2, 8), expected (3, 8)"));
    }

    @Test void theBaseMayLieElsewhere() throws IOException {
        writeBase(directory.resolve("models/base"), gpt2, false);
        Files.writeString(directory.resolve("models/base/generation_config.json"), "{\"eos_token_id\": [3, 5]}");
        Path alone = directory.resolve("adapter");
        List<Site> sites = everywhere(false, "attn.c_attn");
        for (String base : List.of("../models/base", directory.resolve("models/base").toAbsolutePath().toString())) {
            Map<String, Object> config = config(List.of("c_attn"));
            config.put("base_model_name_or_path", base);
            write(alone, config, sites, name -> "base_model.model." + name);
            assertComputes(alone, gpt2, sites, 3, base);
            assertTrue(ModelDirectory.generation(alone).special(Optional.empty()).ends().containsAll(List.of(3, 5)), base);
        }
        for (Object base : new Object[] {"org/model", "nul\0", "", null}) {
            Map<String, Object> config = config(List.of("c_attn"));
            config.put("base_model_name_or_path", base);
            write(alone, config, sites, name -> "base_model.model." + name);
            String message = assertThrows(ModelFormatException.class, () -> ModelDirectory.load(alone, manager)).getMessage();
            assertTrue(message.contains("base_model_name_or_path = ") && message.contains("Get the base model"), message);
        }
    }

    @Test void ownAdaptersKeepTheirTargets() {
        writeBase(directory, gpt2, false);
        List<Site> sites = everywhere(false, "mlp.c_proj", "attn.c_attn");
        write(directory, config(List.of("mlp.c_proj", "attn.c_attn")), sites, name -> "base_model.model." + name);
        try (Gpt gpt = ModelDirectory.load(directory, manager)) {
            assertEquals(new LoraConfig(2, 6, 0, List.of("mlp.c_proj", "attn.c_attn")), gpt.lora().orElseThrow().config());
            List<String> adapters = gpt.parameters().names().stream().filter(name -> name.contains("lora")).toList();
            assertEquals(List.of("h.0.mlp.c_proj.lora_A.weight", "h.0.mlp.c_proj.lora_B.weight", "h.0.attn.c_attn.lora_A.weight"),
                adapters.subList(0, 3));
        }
    }

    private String faultOf(Map<String, Object> config, List<Site> sites) {
        write(directory, config, sites, name -> "base_model.model." + name);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> ModelDirectory.load(directory, manager));
        return e.getMessage();
    }

    @Test void whatChangesTheNumbersIsRefusedByNameAndWhatDoesNotPasses() {
        writeBase(directory, gpt2, false);
        List<Site> sites = everywhere(false, "attn.c_attn");
        Map<String, Object> refused = new LinkedHashMap<>(Map.of("use_dora", true, "modules_to_save",
            List.of("lm_head"), "alora_invocation_tokens", List.of(7, 9), "layer_replication", List.of(List.of(0, 1)), "lora_bias", true,
            "trainable_token_indices", List.of(3), "bias", "all", "a_key_of_tomorrow", 1, "peft_type", "LOHA"));
        refused.putAll(Map.of("use_qalora", true, "target_parameters", List.of("x"), "r", 0,
            "layers_pattern", "g"));
        refused.forEach((key, value) -> {
            Map<String, Object> config = config(List.of("c_attn"));
            config.put("layers_to_transform", List.of(0, 1));
            config.put(key, value);
            String message = faultOf(config, sites);
            assertTrue(message.contains(key + " = "), key + ": " + message);
        });
        for (Object beginning : List.of("pissa", "pissa_niter_4", "olora", "corda", "loftq", "lora_ga", 3)) {
            Map<String, Object> config = config(List.of("c_attn"));
            config.put("init_lora_weights", beginning);
            String message = faultOf(config, sites);
            assertTrue(message.contains("init_lora_weights = "), message);
        }
        for (Object beginning : List.of(true, false, "gaussian", "eva", "orthogonal")) {
            Map<String, Object> config = config(List.of("c_attn"));
            config.putAll(Map.of("init_lora_weights", beginning, "a_key_of_tomorrow", false, "eva_config", Map.of("rho", 2.0)));
            write(directory, config, sites, name -> "base_model.model." + name);
            assertComputes(directory, gpt2, sites, 3, beginning.toString());
        }
    }

    @Test void targetsThatFitNothingOrTooMuchAreNamed() {
        writeBase(directory, gpt2, false);
        List<Site> sites = everywhere(false, "attn.c_attn");
        assertTrue(faultOf(config(List.of("q_proj")), sites)
            .contains("matches no linear weight of this model; there are transformer.h.0.attn.c_attn, "));
        assertTrue(faultOf(config("c_attn"), sites).contains("matches no linear weight"));
        assertTrue(faultOf(config(List.of("c_attn", "lm_head")), sites).contains("it takes in lm_head"));
        assertTrue(faultOf(config(List.of("c_attn", "wte")), sites).contains("it takes in transformer.wte"));
        assertTrue(faultOf(config("(c_attn"), sites).contains("is a regular expression that cannot be used: a ( without its )"));
        assertTrue(faultOf(config(3), sites).contains("target_modules is 3"));
        assertTrue(faultOf(config(List.of("c_attn", "c_fc")), sites)
            .contains("base_model.model.transformer.h.0.mlp.c_fc.lora_A.weight (2, 8) is missing"));
        String message = faultOf(config(List.of("c_fc")), sites);
        assertTrue(message.contains("base_model.model.transformer.h.1.attn.c_attn.lora_B.weight is not part of this adapter"), message);
    }
}
