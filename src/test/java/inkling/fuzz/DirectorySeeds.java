package inkling.fuzz;

import inkling.formats.FamilyConfigs;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.Kinds;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Good text files of a model directory, to be spoiled, with many of the fields that their readers use. */
final class DirectorySeeds {
    private DirectorySeeds() {}

    private static Tokenizer bpe() {
        return new BpeTrainer(264).add("banana banana bandana").train();
    }

    static List<byte[]> tokenizers() {
        String split = new String(TokenizerFiles.json(bpe()), StandardCharsets.UTF_8).replaceFirst("(?s)\"pre_tokenizer\" : \\{.*?},", """
            "pre_tokenizer" : {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex":
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|\
            [^\\\\\\\\r\\\\\\\\n\\\\\\\\p{L}\\\\\\\\p{N}]?\\\\\\\\p{L}+|\\\\\\\\p{N}{1,3}|\\\\\\\\s+(?!\\\\\\\\S)|\\\\\\\\s+"},
            "behavior": "Isolated", "invert": false}, {"type": "Digits", "individual_digits": true},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},""");
        String template = new String(TokenizerFiles.json(bpe()), StandardCharsets.UTF_8)
            .replaceFirst("(?s)\"post_processor\" : \\{.*?},", """
            "post_processor" : {"type": "Sequence", "processors": [{"type": "ByteLevel", "trim_offsets": false},
            {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence":
            {"id": "A", "type_id": 0}}], "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [263]}}}]},""");
        List<byte[]> seeds = new ArrayList<>(List.of(TokenizerFiles.json(bpe()), TokenizerFiles.json(CharTokenizer.fit("abné日😀 \n")),
            split.getBytes(StandardCharsets.UTF_8), template.getBytes(StandardCharsets.UTF_8)));
        Kinds.all().values().forEach(kind -> seeds.add(kind.toString().getBytes(StandardCharsets.UTF_8)));
        return seeds;
    }

    private static byte[] tokenizerFile(String name) {
        return TokenizerFiles.files(bpe()).get(name);
    }

    static List<byte[]> vocabulary() {
        return List.of(tokenizerFile("vocab.json"));
    }

    static List<byte[]> merges() {
        return List.of(tokenizerFile("merges.txt"));
    }

    static List<byte[]> tokenizerConfig() {
        return TextSeeds.utf8("""
            {"add_prefix_space": false, "tokenizer_class": "GPT2Tokenizer", "bos_token": "<|endoftext|>", "chat_template": "{{ messages }}",
             "add_bos_token": true, "added_tokens_decoder": {"263": {"content": "<|endoftext|>", "special": true}}}
            """, """
            {"eos_token": {"content": "<|endoftext|>"}, "chat_template": [{"name": "default", "template": "{% for m in messages %}"},
             {"name": "tool_use", "template": "x"}]}
            """);
    }

    static List<byte[]> specialTokens() {
        return TextSeeds.utf8("""
            {"bos_token": "<|endoftext|>", "eos_token": {"content": "an", "lstrip": false}, "additional_special_tokens": ["b", "ana"]}
            """);
    }

    static List<byte[]> addedTokens() {
        return TextSeeds.utf8("{\"<|im_start|>\": 264, \"<|im_end|>\": 265}");
    }

    static List<byte[]> generationConfig() {
        return TextSeeds.utf8("{\"bos_token_id\": 1, \"eos_token_id\": [2, 3], \"temperature\": 0.6, \"do_sample\": true}");
    }

    static List<byte[]> chatTemplate() {
        return TextSeeds.utf8("{% for message in messages %}\n{{ message['content'] }}\r\n{% endfor %}é\n");
    }

    static void vocabularyFiles(Path directory) throws IOException {
        for (String name : List.of("vocab.json", "merges.txt", "tokenizer_config.json")) {
            Files.write(directory.resolve(name), tokenizerFile(name));
        }
    }

    /** A config.json of every model family; of some families, several. */
    static List<byte[]> modelConfig() {
        List<byte[]> seeds = new ArrayList<>(otherModelConfigs());
        FamilyConfigs.all().values().forEach(config -> seeds.add(config.toString().getBytes(StandardCharsets.UTF_8)));
        return seeds;
    }

    private static List<byte[]> otherModelConfigs() {
        return TextSeeds.utf8("""
            {"model_type": "gpt2", "vocab_size": 1000, "n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_inner": null,
             "activation_function": "gelu_new", "resid_pdrop": 0.1, "layer_norm_epsilon": 1e-05, "tie_word_embeddings": true,
             "scale_attn_weights": true, "bos_token_id": 7, "eos_token_id": [7, 8]}
            """, """
            {"model_type": "inkling", "inkling": {"vocab_size": 65, "n_layer": 1, "n_head": 2, "n_kv_head": 1, "n_embd": 16,
                "n_inner": 64,
             "context_length": 16, "dropout": 0.1, "bias": true, "tie_embeddings": true, "positions": "rope",
             "rope": {"theta": 10000.0, "scaling": {"type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
             "original_context_length": 8192}}, "norm": "rms_norm", "norm_eps": 1e-05, "activation": "swiglu"}}
            """, """
            {"model_type": "llama", "vocab_size": 65, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
             "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "max_position_embeddings": 16, "rms_norm_eps": 1e-06,
             "tie_word_embeddings": true, "hidden_act": "silu", "attention_bias": false, "rope_theta": 10000.0, "rope_scaling":
             {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
              "original_max_position_embeddings": 8192}}
            """, """
            {"model_type": "llama", "_name_or_path": "x", "vocab_size": 65, "hidden_size": 16, "intermediate_size": 24,
             "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 16, "layer_types": ["full_attention"], \
             "sliding_window": null,
             "rope_theta": 500000.0, "partial_rotary_factor": 1.0, "pretraining_tp": 1, "use_cache": true, "quantization_config": {},
             "rope_parameters": {"rope_type": "default", "type": "default", "rope_theta": 500000.0, "partial_rotary_factor": 1.0}}
            """);
    }

    static List<byte[]> index() {
        return TextSeeds.utf8("""
            {"metadata": {"total_size": 24}, "weight_map": {"w": "model-00001-of-00001.safetensors"}}
            """);
    }
}
