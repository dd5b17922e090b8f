package inkling.formats.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.formats.ModelDirectory;
import inkling.model.Gpt;
import inkling.model.LoraConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Adapters as PEFT writes them; what they compute is checked against W + (alpha / r)·(B A)ᵀ and a forward pass in double precision. */
class PeftAdapterTest extends WrittenAdapters {
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
        assertComputes(directory, llama, sites, 3, "some modules have a rank and alpha of their own");
        config.put("use_rslora", true);
        write(directory, config, sites, name -> "base_model.model." + name);
        assertComputes(directory, llama, sites, 6 / Math.sqrt(2), "with rslora");
    }

    @Test void adaptersWithDifferentScalesAreAddedEachWithItsOwn() throws IOException {
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
}
