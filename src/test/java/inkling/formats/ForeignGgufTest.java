package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.errors.ModelFormatException;
import inkling.io.gguf.GgufEdit;
import inkling.io.gguf.GgufType;
import inkling.io.gguf.GgufValue;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.config.RopeConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reads GGUF files as other programs might have written them: without Inkling's own keys. */
class ForeignGgufTest extends WrittenGguf {
    @Test void whatIsUnknownOrAmissInAForeignFileIsNamed() {
        try (Gpt gpt = ModelDirectory.load(Fixtures.own("llama"), manager)) {
            Path file = GgufEdit.foreign(write(gpt, words, GgufType.F32), directory.resolve("good.gguf"));
            refusedWith(file, keys -> put(keys, "llama.expert_count", GgufValue.count(8)), "llama.expert_count = 8", "may change");
            refusedWith(file, keys -> put(keys, "general.architecture", GgufValue.text("mamba")), "architecture = mamba", "gptneox");
            refusedWith(file, keys -> put(keys, "llama.rope.scaling.type", GgufValue.text("yarn")), "rope.scaling.type = yarn", "linear");
            refusedWith(file, keys -> put(keys, "split.count", GgufValue.count(3)), "split.count = 3", "--merge");
            refusedWith(file, keys -> put(keys, "llama.attention.value_length", GgufValue.count(7)), "value_length = 7");
            refusedWith(file, keys -> {
                keys.remove("llama.block_count");
                return keys;
            }, "llama.block_count", "missing");
            Path more = GgufEdit.edit(file, directory.resolve("more.gguf"), keys -> { }, tensors -> {
                tensors.put("blk.0.ffn_gate_exps.weight", GgufEdit.entry("blk.0.ffn_gate_exps.weight", GgufType.F32, List.of(1L), 1));
                tensors.remove("blk.1.ffn_up.weight");
            });
            says(assertThrows(ModelFormatException.class, () -> ModelDirectory.load(more, manager)).getMessage(), "more.gguf",
                "blk.1.ffn_up.weight", "is missing", "blk.0.ffn_gate_exps.weight", "is not known");
        }
    }

    /**
     * The key {@code key_length} tells how wide heads are. (In these architectures, llama.cpp itself loads only heads of C / nh channels.)
     */
    @Test void headsAreAsWideAsAForeignFileSays() {
        Map<String, Map<String, List<Long>>> shapes = Map.of(
            "qwen2", Map.of("attn_q.weight", List.of(8L, 16L), "attn_q.bias", List.of(8L), "attn_output.weight", List.of(16L, 8L)),
            "olmo2", Map.of("attn_q.weight", List.of(8L, 16L), "attn_q_norm.weight", List.of(8L), "attn_output.weight", List.of(16L, 8L)),
            "phi4mini", Map.of("attn_qkv.weight", List.of(24L, 16L), "attn_output.weight", List.of(16L, 8L)));
        shapes.forEach((name, changed) -> {
            try (Gpt gpt = family(sized(FamilyConfigs.all().get(name)))) {
                Path file = directory.resolve(name + ".gguf");
                String word = GgufExport.write(gpt, beside(words), file, GgufType.F32).architecture();
                Path narrow = GgufEdit.edit(GgufEdit.foreign(file, directory.resolve("foreign.gguf")), directory.resolve("narrow.gguf"),
                    keys -> {
                        keys.put(word + ".attention.head_count", GgufValue.count(2));
                        keys.put(word + ".attention.key_length", GgufValue.count(4));
                    }, tensors -> changed.forEach((tensor, shape) -> IntStream.range(0, 2).mapToObj(i -> "blk." + i + "." + tensor)
                        .forEach(t -> tensors.put(t, GgufEdit.entry(t, GgufType.F32, shape,
                            new float[(int) shape.stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b)])))));
                try (Gpt read = ModelDirectory.load(narrow, manager)) {
                    assertEquals(List.of(2, 4), List.of(read.config().attention().nHead(), read.config().attention().headSize()), name);
                }
            }
        });
    }

    @Test void aBaseOfTheRopeThatNoModelHasIsNamed() {
        ObjectNode llama3 = FamilyConfigs.with("llama", """
            'vocab_size': 320, 'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,
            'original_max_position_embeddings': 64}""");
        try (Gpt gpt = family(llama3)) {
            Path file = GgufEdit.foreign(write(gpt, words, GgufType.F32), directory.resolve("good.gguf"));
            assertEquals(gpt.config(), ModelDirectory.config(file));
            refusedWith(file, keys -> put(keys, "llama.rope.freq_base", GgufValue.real(0.5)), "changed.gguf", "llama.rope.freq_base = 0.5",
                "above 1");
        }
    }

    /** llama.cpp reads these keys so, and its converter writes the window of 0 for Phi-4, which has none. */
    @Test void zeroInAForeignFileIsAsIfTheKeyWereMissing() {
        Map<String, Map<String, GgufValue>> off = Map.of(
            "phi4mini", Map.of("phi3.attention.sliding_window", GgufValue.count(0),
                "phi3.rope.scaling.original_context_length", GgufValue.count(0)),
            "granite", Map.of("granite.attention.scale", GgufValue.real(0), "granite.embedding_scale", GgufValue.real(0),
                "granite.residual_scale", GgufValue.real(0), "granite.logit_scale", GgufValue.real(0)));
        off.forEach((name, zeros) -> {
            try (Gpt gpt = family(sized(FamilyConfigs.all().get(name)))) {
                Path written = directory.resolve(name + ".gguf");
                GgufExport.write(gpt, beside(words), written, GgufType.F32);
                Path file = GgufEdit.foreign(written, directory.resolve("foreign.gguf"));
                zeros.forEach((key, zero) -> assertEquals(config(file, keys -> keys.remove(key)), config(file, keys -> keys.put(key, zero)),
                    key));
            }
        });
    }

    /**
     * As in llama.cpp: a factor scales linearly, also under its old key scale_linear, whatever the type; only the type none turns it off.
     */
    @Test void aFactorOfTheRopeScalesUnlessTheFileTurnsItOff() {
        try (Gpt gpt = ModelDirectory.load(Fixtures.own("llama"), manager)) {
            Path file = GgufEdit.foreign(write(gpt, words, GgufType.F32), directory.resolve("good.gguf"));
            GgufValue four = GgufValue.real(4);
            for (String key : List.of("llama.rope.scaling.factor", "llama.rope.scale_linear")) {
                for (String type : List.of("", "linear", "longrope", "none")) {
                    GptConfig read = config(file, keys -> {
                        keys.put(key, four);
                        if (!type.isEmpty()) {
                            keys.put("llama.rope.scaling.type", GgufValue.text(type));
                        }
                    });
                    assertEquals(type.equals("none") ? Optional.empty() : Optional.of(new RopeConfig.LinearScaling(4)),
                        read.rope().scaling(), key + ", type " + type);
                }
            }
        }
    }

    private GptConfig config(Path file, Consumer<Map<String, GgufValue>> change) {
        return ModelDirectory.config(GgufEdit.keys(file, directory.resolve("changed.gguf"), change));
    }

    private static Map<String, GgufValue> put(Map<String, GgufValue> keys, String key, GgufValue value) {
        keys.put(key, value);
        return keys;
    }

    private void refusedWith(Path file, UnaryOperator<Map<String, GgufValue>> change, String... parts) {
        Path changed = GgufEdit.keys(file, directory.resolve("changed.gguf"), change::apply);
        says(assertThrows(ModelFormatException.class, () -> ModelDirectory.load(changed, manager)).getMessage(), (Object[]) parts);
    }
}
