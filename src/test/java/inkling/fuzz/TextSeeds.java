package inkling.fuzz;

import inkling.TinyRun;
import inkling.formats.FamilyConfigs;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.Kinds;
import inkling.tokenizer.huggingface.TokenizerFiles;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Good files of the text formats, with every field that their readers use. */
final class TextSeeds {
    private TextSeeds() {}

    static List<byte[]> utf8(String... texts) {
        return java.util.Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }

    static List<byte[]> config() {
        return utf8(TinyRun.CONFIG, """
            name: all
            data:
              train: [a.txt, 'b/*.txt']
              format: jsonl_text
              tokenizer: {type: bpe, vocab_size: 1024}
            model: {positions: rope, rope: {theta: 10000.0, scaling: {type: llama3, factor: 8.0, low_freq_factor: 1.0,
                high_freq_factor: 4.0,
              original_context_length: 8192}}, norm: rms_norm, activation: swiglu, n_kv_head: 2}
            optimizer: {type: adamw, beta1: 0.9}
            schedule: {type: warmup_stable_decay, learning_rate: 1.0e-3, warmup_steps: 10, decay_steps: 100}
            train: {max_minutes: 1.5, eval_batches: all, early_stopping_patience: 3, sample: {interval: 5, prompt: "\\n\\u00e9",
                max_tokens: 7}}
            """);
    }

    private static final String TOMORROW = "Tomorrow, and tomorrow, and tomorrow,\r\ncreeps in é日😀 this petty pace\n"
        + "<|endoftext|> from day to day\n";

    static List<byte[]> corpus() {
        List<byte[]> all = new ArrayList<>(utf8(TOMORROW));
        List.of("UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE").forEach(name -> {
            all.add(TOMORROW.getBytes(Charset.forName(name)));
            all.add(("\uFEFF" + TOMORROW).getBytes(Charset.forName(name)));
        });
        return all;
    }

    static List<byte[]> gzip() {
        return packed(GZIPOutputStream::new);
    }

    static List<byte[]> zstd() {
        return packed(ZstdOutputStream::new);
    }

    /** Makes a stream that compresses. */
    private interface Packer {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static List<byte[]> packed(Packer packer) {
        return List.of(TOMORROW, TOMORROW.repeat(200), "").stream().map(text -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = packer.over(bytes)) {
                out.write((text + "x").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }).toList();
    }

    static List<byte[]> jsonl() {
        return utf8("{\"text\": \"Tomorrow é \\ud83d\\ude00\"}\n{\"text\": \"and\\ntomorrow\"}\n{\"text\": \"\"}\n", """
            [
              {"id": 1, "text": "Tomorrow é \\ud83d\\ude00", "meta": {"tags": ["a", 1.5e3, null, true]}},
              {"text": ""}, {"text": "and\\ntomorrow"}
            ]
            """);
    }

    static List<byte[]> messages() {
        return utf8("""
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hé?"}, \
            {"role": "assistant", "content": "Ja."}]}
            {"messages": [{"role": "user", "content": "<|end|>"}, {"role": "assistant", "content": ""}]}
            """);
    }

    static List<byte[]> pairs() {
        return utf8("""
            {"prompt": "Hé?", "chosen": "Ja.", "rejected": "Nein.", "score": 1.5}
            {"prompt": [{"role": "user", "content": "a"}], "chosen": [{"role": "assistant", "content": "b"}], "rejected": "c"}
            """, """
            [{"system": "S", "chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
              "rejected": [{"role": "user", "content": "a"}, {"from": "gpt", "value": "c"}]}]
            """);
    }

    static List<byte[]> questions() {
        return utf8("""
            {"context": "Hé is", "endings": ["it", " that"], "label": 1}
            {"context": "", "endings": ["a", "b", "c"], "label": "0", "id": 3}
            """);
    }

    static List<byte[]> arc() {
        return utf8("""
            {"id": "a", "question": {"stem": "Which?", "choices": [{"text": "b", "label": "A"}, {"text": "c", "label": "B"}]}, "answerKey": "B"}
            {"question": "Which?", "choices": {"text": ["b", "c"], "label": ["1", "2"]}, "answerKey": "1"}
            """);
    }

    static List<byte[]> hellaswag() {
        return utf8("""
            {"activity_label": "A", "ctx_a": "It [title] is", "ctx_b": "é [step] SO", "endings": ["a", "[x] b", "c", "d"], "label": 3}
            {"activity_label": "A", "ctx_a": "It", "ctx_b": "", "endings": ["a", "b"], "label": "0"}
            """);
    }

    static List<byte[]> taskLog() {
        return utf8("step,task,metric,value,stderr,items,chance,file\r\n5,arc,acc,0.25,0.01,70,0.25,\"a,b.jsonl\"\r\n5,lambada,perplexity,9.5,,1,,l\r\n");
    }

    static List<byte[]> shareGpt() {
        return utf8("""
            [{"id": "a", "system": "Be brief.", "conversations": [{"from": "human", "value": "Hé?"}, {"from": "gpt", "value": "Ja."}]},
             {"conversations": [{"role": "user", "content": "x", "weight": 1}, {"role": "assistant", "content": "y", "tool_calls": []}]}]
            """, """
            {"conversations": [{"from": "system", "value": "S"}, {"from": "user", "value": "<|end|>"}, {"from": "assistant", "value": ""}]}
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "H"}, {"type": "text", "text": "\\ud83d\\ude00"}]}, \
            {"role": "assistant", "content": "Y", "name": "n"}]}
            """);
    }

    static List<byte[]> alpaca() {
        return utf8("""
            [
              {"instruction": "Name it.", "input": "", "output": "Blue."},
              {"instruction": "Say", "input": "é日😀", "output": "it", "history": [["a", "b"], ["c", "d"]], "system": "S"}
            ]
            """, """
            {"prompt": "The sky is", "completion": " blue."}
            {"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}]}
            """);
    }

    static List<byte[]> vectors() {
        return utf8("king 0.5 -1.25 3e-2\nqueen 0.25 1 -.5\r\nNew York -0.1 0.2 0.3\n", "2 3\nking 0.5 -1.25 3e-2\nqueen 0.25 1 -5.\n");
    }

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
        String template = new String(TokenizerFiles.json(bpe()), StandardCharsets.UTF_8).replaceFirst("(?s)\"post_processor\" : \\{.*?},", """
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
        return utf8("""
            {"add_prefix_space": false, "tokenizer_class": "GPT2Tokenizer", "bos_token": "<|endoftext|>", "chat_template": "{{ messages }}",
             "add_bos_token": true, "added_tokens_decoder": {"263": {"content": "<|endoftext|>", "special": true}}}
            """, """
            {"eos_token": {"content": "<|endoftext|>"}, "chat_template": [{"name": "default", "template": "{% for m in messages %}"},
             {"name": "tool_use", "template": "x"}]}
            """);
    }

    static List<byte[]> specialTokens() {
        return utf8("""
            {"bos_token": "<|endoftext|>", "eos_token": {"content": "an", "lstrip": false}, "additional_special_tokens": ["b", "ana"]}
            """);
    }

    static List<byte[]> addedTokens() {
        return utf8("{\"<|im_start|>\": 264, \"<|im_end|>\": 265}");
    }

    static List<byte[]> generationConfig() {
        return utf8("{\"bos_token_id\": 1, \"eos_token_id\": [2, 3], \"temperature\": 0.6, \"do_sample\": true}");
    }

    static List<byte[]> chatTemplate() {
        return utf8("{% for message in messages %}\n{{ message['content'] }}\r\n{% endfor %}é\n");
    }

    static void vocabularyFiles(Path directory) throws IOException {
        for (String name : List.of("vocab.json", "merges.txt", "tokenizer_config.json")) {
            Files.write(directory.resolve(name), tokenizerFile(name));
        }
    }

    /** Of every family. */
    static List<byte[]> modelConfig() {
        List<byte[]> seeds = new ArrayList<>(ownModelConfig());
        FamilyConfigs.all().values().forEach(config -> seeds.add(config.toString().getBytes(StandardCharsets.UTF_8)));
        return seeds;
    }

    private static List<byte[]> ownModelConfig() {
        return utf8("""
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
             "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 16, "layer_types": ["full_attention"], "sliding_window": null,
             "rope_theta": 500000.0, "partial_rotary_factor": 1.0, "pretraining_tp": 1, "use_cache": true, "quantization_config": {},
             "rope_parameters": {"rope_type": "default", "type": "default", "rope_theta": 500000.0, "partial_rotary_factor": 1.0}}
            """);
    }

    static List<byte[]> index() {
        return utf8("""
            {"metadata": {"total_size": 24}, "weight_map": {"w": "model-00001-of-00001.safetensors"}}
            """);
    }

    static List<byte[]> manifest() {
        return utf8("""
            {"format_version": 1, "files": {"a": {"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "bytes": 0}}}
            """);
    }

    static List<byte[]> progress() {
        return utf8("""
            {"format_version": 1, "step": 500, "tokens": 64000, "best_val_loss": 1.875, "best_step": 250, "evaluations_without_best": 1}
            """, """
            {"format_version": 1, "step": 500, "tokens": 64000, "best_step": 0, "evaluations_without_best": 0, "unevaluated_update":
             {"train_loss": 1.5, "grad_norm": 0.25, "learning_rate": 0.001, "tokens_per_second": 1234.5, "step_millis": 3}}
            """);
    }

    static List<byte[]> pointer() {
        return utf8("step-000500\n", "step-000250\n");
    }

    static void steps(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("step-000250"));
        Files.createDirectories(directory.resolve("step-000500"));
    }

    static List<byte[]> runRecord() {
        String hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        return utf8("""
            {"format_version": 1, "data_sha256": "%s", "tokenizer_sha256": "%s", "engine": "PyTorch 2.7.1", "threads": 2, "device": "cpu()",
             "resumes": [{"step": 500, "engine": "PyTorch 2.7.1", "threads": 1, "device": "cpu()", "changes":
             [{"key": "train.max_steps", "before": "500", "after": "900"}]}]}
            """.formatted(hash, hash));
    }

    static List<byte[]> samples() {
        return utf8("{\"step\":2,\"text\":\"\\nÉ \\ud83d\\ude00\"}\n{\"step\":4,\"text\":\"to\\tmorrow\"}\n");
    }

    static List<byte[]> metrics() {
        return utf8("""
            step,tokens,train_loss,val_loss,learning_rate,grad_norm,tokens_per_second,step_millis
            0,0,,4.25,,,,
            2,128,4.125,,0.001,1.5,123456,0.52
            4,256,NaN,4.0,1.0E-4,Infinity,123456,0.52
            6,384,3.5,,0.0,0.5,123456,0.52
            """.replace("\n", "\r\n"));
    }
}
