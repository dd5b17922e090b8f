package inkling.runfile;

import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.errors.ConfigException;
import java.util.List;

/** Run files for tests. */
final class ConfigCases {
    static final String SHORTEST = "name: a\ndata: {train: x.txt}\nschedule: {learning_rate: 1.0e-3}\n";

    /** Full run files that together hold every key of every type. */
    static final List<String> FULL = List.of(
        yaml(),
        yaml("data.tokenizer={type: char}", "schedule={type: constant, learning_rate: 1.0e-3}", "optimizer={type: muon}"),
        yaml("data.tokenizer={type: huggingface, path: some/dir}", "schedule={type: warmup_stable_decay, learning_rate: 1.0e-3}",
            "model.positions=rope", "model.rope.scaling={type: llama3, factor: 8, low_freq_factor: 1, high_freq_factor: 4, "
                + "original_context_length: 64}"),
        yaml("model.head_size=16", "model.qkv_bias=false", "model.out_bias=false", "model.mlp_bias=false", "model.norm_bias=false",
            "model.one_plus_gain=true", "model.rotary_channels=8", "model.embedding_scale=11.3", "model.attention_scale=0.125",
            "model.residual_scale=0.22", "model.logit_scale=0.125"),
        yaml("model.positions=rope", "model.rope.scaling={type: linear, factor: 8}", "model.qk_norm=head_each",
            "model.norm_placement=sandwich",
            "model.branches=parallel_one_norm", "model.layers=[{window: 64, rope: local}, {rope: none}]", "model.score_cap=50",
            "model.logit_cap=30", "model.rotary_channels=4",
            "model.local_rope={theta: 500, scaling: {type: longrope, factors: [1, 2.5], magnitude: 1.2}}"),
        yaml("model.positions=rope", "model.rope.scaling={type: longrope, factors: [1, 2.5], magnitude: 1.2}", "model.rotary_channels=4",
            "model.local_rope.scaling={type: llama3, factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_context_length: 64}"),
        yaml("data.tokenizer={type: gpt2}", "model.init_from=checkpoints/other", "finetune.lora={rank: 4}", "data.val=val.txt",
            "train.eval_batches=all", "threads=2", "device=\"cuda:1\"", "precision=tf32", "train.max_minutes=1.5"),
        yaml("data.tokenizer={type: gpt2}", "model.init_from=checkpoints/other", "data.format=preferences", "data.val=0.2",
            "finetune.preference={beta: 0.3, label_smoothing: 0.1}"));

    private ConfigCases() {}

    static RunConfig parse(String yaml, String... overrides) {
        return ConfigFile.parse(yaml, "x.yaml", List.of(overrides));
    }

    static String yaml(String... overrides) {
        return parse(SHORTEST, overrides).toYaml();
    }

    /** The message that the user reads. */
    static String error(String yaml, String... overrides) {
        return assertThrows(ConfigException.class, () -> parse(yaml, overrides)).getMessage();
    }
}
