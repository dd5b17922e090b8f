package inkling.formats.peft;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.formats.ModelDirectory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which adapters are refused, and what is said about them. */
class PeftAdapterFaultsTest extends WrittenAdapters {
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
        assertTrue(faultOf(config(List.of("c_attn", "lm_head")), sites).contains("it matches lm_head"));
        assertTrue(faultOf(config(List.of("c_attn", "wte")), sites).contains("it matches transformer.wte"));
        assertTrue(faultOf(config("(c_attn"), sites).contains("is a regular expression that cannot be used: a ( before this place"));
        assertTrue(faultOf(config(3), sites).contains("target_modules is 3"));
        assertTrue(faultOf(config(List.of("c_attn", "c_fc")), sites)
            .contains("base_model.model.transformer.h.0.mlp.c_fc.lora_A.weight (2, 8) is missing"));
        String message = faultOf(config(List.of("c_fc")), sites);
        assertTrue(message.contains("base_model.model.transformer.h.1.attn.c_attn.lora_B.weight is not part of this adapter"), message);
    }
}
