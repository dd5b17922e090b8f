package inkling.fuzz;

import inkling.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Valid run files (YAML) and text files of a run directory, for mutations to spoil, with many of the fields that their readers use. */
final class RunSeeds {
    private RunSeeds() {}

    static List<byte[]> config() {
        return TextSeeds.utf8(TinyRun.CONFIG, """
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

    static List<byte[]> taskLog() {
        return TextSeeds.utf8("step,task,metric,value,stderr,items,chance,file\r\n"
            + "5,arc,acc,0.25,0.01,70,0.25,\"a,b.jsonl\"\r\n5,lambada,perplexity,9.5,,1,,l\r\n");
    }

    static List<byte[]> manifest() {
        return TextSeeds.utf8("""
            {"format_version": 1, "files": {"a": {"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "bytes": 0}}}
            """);
    }

    static List<byte[]> progress() {
        return TextSeeds.utf8("""
            {"format_version": 1, "step": 500, "tokens": 64000, "best_val_loss": 1.875, "best_step": 250, "evaluations_without_best": 1}
            """, """
            {"format_version": 1, "step": 500, "tokens": 64000, "best_step": 0, "evaluations_without_best": 0, "unevaluated_update":
             {"train_loss": 1.5, "grad_norm": 0.25, "learning_rate": 0.001, "tokens_per_second": 1234.5, "step_millis": 3}}
            """);
    }

    static List<byte[]> pointer() {
        return TextSeeds.utf8("step-000500\n", "step-000250\n");
    }

    static void steps(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("step-000250"));
        Files.createDirectories(directory.resolve("step-000500"));
    }

    static List<byte[]> runRecord() {
        String hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        return TextSeeds.utf8("""
            {"format_version": 1, "data_sha256": "%s", "tokenizer_sha256": "%s", "engine": "PyTorch 2.7.1", "threads": 2, "device": "cpu()",
             "resumes": [{"step": 500, "engine": "PyTorch 2.7.1", "threads": 1, "device": "cpu()", "changes":
             [{"key": "train.max_steps", "before": "500", "after": "900"}]}]}
            """.formatted(hash, hash));
    }

    static List<byte[]> samples() {
        return TextSeeds.utf8("{\"step\":2,\"text\":\"\\nÉ \\ud83d\\ude00\"}\n{\"step\":4,\"text\":\"to\\tmorrow\"}\n");
    }

    static List<byte[]> metrics() {
        return TextSeeds.utf8("""
            step,tokens,train_loss,val_loss,learning_rate,grad_norm,tokens_per_second,step_millis
            0,0,,4.25,,,,
            2,128,4.125,,0.001,1.5,123456,0.52
            4,256,NaN,4.0,1.0E-4,Infinity,123456,0.52
            6,384,3.5,,0.0,0.5,123456,0.52
            """.replace("\n", "\r\n"));
    }
}
