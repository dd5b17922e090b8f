package inkling.inspect;

import inkling.errors.ConfigException;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Published architectures by name. Sources: GPT-2's four sizes from the released {@code hparams.json} files (Radford et al. 2019);
 * GPT-3 175B from Brown et al. 2020, arXiv:2005.14165, table 2.1, with GPT-2's vocabulary and tied unembedding.
 */
public final class GptPresets {
    private static final int GPT2_VOCABULARY = 50_257;
    private static final Map<String, GptConfig> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("gpt2", gpt(12, 12, 768, 1024));
        BY_NAME.put("gpt2-medium", gpt(24, 16, 1024, 1024));
        BY_NAME.put("gpt2-large", gpt(36, 20, 1280, 1024));
        BY_NAME.put("gpt2-xl", gpt(48, 25, 1600, 1024));
        BY_NAME.put("gpt3", gpt(96, 96, 12_288, 2048));
    }

    private GptPresets() {}

    /** The names, smallest architecture first: {@code gpt2 gpt2-medium gpt2-large gpt2-xl gpt3}. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /** The architecture called {@code name}; empty if there is no such preset. */
    public static Optional<GptConfig> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /**
     * The architecture called {@code name}.
     *
     * @throws ConfigException if {@code name} is no preset; the message lists the presets
     */
    public static GptConfig named(String name) {
        return find(name).orElseThrow(() -> new ConfigException(
            "%s is no preset architecture. Presets: %s.".formatted(name, String.join(", ", names()))));
    }

    private static GptConfig gpt(int nLayer, int nHead, int nEmbd, int contextLength) {
        return GptOptions.DEFAULT.with(o -> o.nLayer(nLayer).nHead(nHead).nEmbd(nEmbd).contextLength(contextLength)).over(GPT2_VOCABULARY);
    }
}
