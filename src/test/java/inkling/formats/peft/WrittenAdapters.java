package inkling.formats.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.engine.Devices;
import inkling.formats.Directories;
import inkling.formats.ModelDirectory;
import inkling.formats.family.Gpt2Format;
import inkling.formats.family.LlamaFormat;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
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
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Adapters over two small bases, written as PEFT writes them, and what they must compute. */
abstract class WrittenAdapters {
    static final int RANK = 2;
    static final int[] IDS = {5, 16, 0, 7, 9};

    @TempDir Path directory;
    final NDManager manager = Devices.manager(Device.cpu());

    final Gpt gpt2 = Gpt.initialise(Directories.gpt2(true), manager, 5);
    final Gpt llama = Gpt.initialise(Directories.llama(true, RopeConfig.DEFAULT), manager, 5);

    @AfterEach void free() {
        manager.close();
    }

    /** A linear module of the base. Its W (in, out) stands in our {@code weight} from column {@code column} on. */
    record Site(String module, String weight, int in, int out, int column) {}

    static Site gpt2(int block, String part) {
        int[] size = Map.of("attn.c_attn", new int[] {8, 24}, "attn.c_proj", new int[] {8, 8}, "mlp.c_fc", new int[] {8, 20},
            "mlp.c_proj", new int[] {20, 8}).get(part);
        return new Site("transformer.h." + block + "." + part, "h." + block + "." + part + ".weight", size[0], size[1], 0);
    }

    static Site llama(int block, String part) {
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

    static List<Site> everywhere(boolean llama, String... parts) {
        List<Site> sites = new ArrayList<>();
        for (int block = 0; block < 2; block++) {
            for (String part : parts) {
                sites.add(llama ? llama(block, part) : gpt2(block, part));
            }
        }
        return sites;
    }

    static float[] values(String name, int size) {
        Random random = new Random(name.hashCode());
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (0.3 * random.nextGaussian());
        }
        return values;
    }

    static Map<String, Object> config(Object targets) {
        Map<String, Object> config = new LinkedHashMap<>(Map.of("peft_type", "LORA", "r", RANK, "lora_alpha", 6,
            "target_modules", targets));
        config.putAll(Map.of("task_type", "CAUSAL_LM", "bias", "none", "fan_in_fan_out", true, "init_lora_weights", true, "use_dora", false,
            "rank_pattern", Map.of(), "megatron_core", "megatron.core", "peft_version", "0.17.1"));
        config.put("modules_to_save", null);
        return config;
    }

    /** @param name makes a tensor's name, without {@code .weight}, from the module's name with {@code .lora_A} or {@code .lora_B} */
    void write(Path folder, Map<String, Object> config, List<Site> sites, UnaryOperator<String> name) {
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

    static void writeBase(Path folder, Gpt gpt, boolean llama) {
        Directories.write(folder, llama ? Directories.llamaJson() : Directories.gpt2Json(),
            Directories.tensors(gpt, llama ? new LlamaFormat() : new Gpt2Format(), UnaryOperator.identity()));
    }

    static double[][] expected(Gpt base, List<Site> sites, double scale) {
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

    double[][] logits(Gpt gpt) {
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

    /**
     * Requires that the model in the directory computes what is expected, both with its adapters and merged, and that the adapters change
     * the result.
     */
    void assertComputes(Path folder, Gpt base, List<Site> sites, double scale, String what) {
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
}
