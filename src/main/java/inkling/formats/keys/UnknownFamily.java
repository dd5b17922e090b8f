package inkling.formats.keys;

import inkling.io.json.JsonFields;
import java.util.List;

/** Says why a family is not supported, as far as its config.json shows. */
public final class UnknownFamily {
    private static final List<String> EXPERTS = List.of("num_local_experts", "num_experts", "n_routed_experts", "moe_intermediate_size");
    private static final List<String> RECURRENT = List.of("mamba_d_state", "ssm_cfg", "state_size", "conv_L_cache", "linear_num_key_heads",
        "time_step_rank", "rescale_every");

    private UnknownFamily() {}

    /** The reason, for example {@code ": it is a mixture of experts"}; "" if config.json does not show it. */
    public static String why(String type, JsonFields config) {
        if (has(config, EXPERTS) || type.contains("moe") || type.equals("mixtral")) {
            return ": it is a mixture of experts";
        }
        if (has(config, RECURRENT) || type.contains("mamba") || type.contains("rwkv")) {
            return ": it has recurrent or convolutional layers";
        }
        if (config.has("text_config")) {
            return ": it is multimodal, not a model of text alone (text_config)%s"
                .formatted(type.equals("gemma3") ? ". Gemma 3's 270M and 1B read text alone" : "");
        }
        return config.node().path("is_encoder_decoder").asBoolean() ? ": it has an encoder" : "";
    }

    private static boolean has(JsonFields config, List<String> keys) {
        return keys.stream().anyMatch(config::has);
    }
}
