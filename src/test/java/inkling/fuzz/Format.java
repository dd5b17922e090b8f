package inkling.fuzz;

import inkling.checkpoint.ModelDirectory;
import inkling.checkpoint.TrainingState;
import inkling.data.Corpus;
import inkling.data.DataConfig;
import inkling.io.InklingException;
import inkling.io.Manifest;
import inkling.io.ModelFormatException;
import inkling.io.SafetensorsIndex;
import inkling.io.SafetensorsMutations;
import inkling.run.ConfigFile;
import inkling.tokenizer.BpeTrainer;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.TokenizerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Every kind of file that Inkling reads from others: good ones to spoil, and the reader that must take or refuse what comes of it. */
enum Format {
    SAFETENSORS("model.safetensors") {
        @Override
        List<byte[]> seeds() {
            return SafetensorsMutations.seeds();
        }

        @Override
        byte[] mutate(byte[] seed, Random random) {
            return SafetensorsMutations.mutate(seed, random);
        }

        @Override
        void read(Path directory) {
            if (!SafetensorsMutations.read(directory.resolve(file))) {
                throw new ModelFormatException("refused");
            }
        }
    },
    CONFIG("run.yaml") {
        @Override
        List<byte[]> seeds() {
            return List.of(utf8(inkling.TinyRun.CONFIG), utf8("""
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
                """));
        }

        @Override
        void read(Path directory) {
            ConfigFile.read(directory.resolve(file), List.of());
        }
    },
    CORPUS("corpus.txt") {
        @Override
        List<byte[]> seeds() {
            return List.of(utf8("Tomorrow, and tomorrow, and tomorrow,\r\ncreeps in é日😀 this petty pace\n<|endoftext|> from day to day\n"));
        }

        @Override
        void read(Path directory) {
            consume(Corpus.open(List.of(directory.resolve(file).toString()), DataConfig.Format.TEXT));
        }
    },
    JSONL("corpus.jsonl") {
        @Override
        List<byte[]> seeds() {
            return List.of(utf8("{\"text\": \"Tomorrow é \\ud83d\\ude00\"}\n{\"text\": \"and\\ntomorrow\"}\n{\"text\": \"\"}\n"));
        }

        @Override
        void read(Path directory) {
            consume(Corpus.open(List.of(directory.resolve(file).toString()), DataConfig.Format.JSONL_TEXT));
        }
    },
    TOKENIZER("tokenizer.json") {
        @Override
        List<byte[]> seeds() {
            Tokenizer bpe = new BpeTrainer(264).add("banana banana bandana").train();
            return List.of(TokenizerFiles.json(bpe), TokenizerFiles.json(CharTokenizer.fit("abné日😀 \n")));
        }

        @Override
        void read(Path directory) {
            Tokenizer tokenizer = TokenizerFiles.read(directory.resolve(file));
            tokenizer.decode(tokenizer.encode("banana"));
        }
    },
    PROGRESS("progress.json") {
        @Override
        List<byte[]> seeds() {
            return List.of(utf8("""
                {"format_version": 1, "step": 500, "tokens": 64000, "best_val_loss": 1.875, "best_step": 250, "evaluations_without_best": 1}
                """));
        }

        @Override
        void read(Path directory) {
            TrainingState.progress(directory);
        }
    },
    INDEX("model.safetensors.index.json") {
        @Override
        List<byte[]> seeds() {
            return List.of(utf8("""
                {"metadata": {"total_size": 24}, "weight_map": {"w": "model-00001-of-00001.safetensors"}}
                """));
        }

        @Override
        void prepare(Path directory) throws IOException {
            Files.write(directory.resolve("model-00001-of-00001.safetensors"), SafetensorsMutations.seeds().get(1));
        }

        @Override
        void read(Path directory) {
            SafetensorsIndex.open(directory).close();
        }
    },
    MODEL_CONFIG("config.json") {
        @Override
        List<byte[]> seeds() {
            return List.of(utf8("""
                {"model_type": "gpt2", "vocab_size": 1000, "n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_inner": null,
                 "activation_function": "gelu_new", "resid_pdrop": 0.1, "layer_norm_epsilon": 1e-05, "tie_word_embeddings": true,
                 "scale_attn_weights": true}
                """), utf8("""
                {"model_type": "inkling", "inkling": {"vocab_size": 65, "n_layer": 1, "n_head": 2, "n_kv_head": 1, "n_embd": 16,
                    "n_inner": 64,
                 "context_length": 16, "dropout": 0.1, "bias": true, "tie_embeddings": true, "positions": "rope",
                 "rope": {"theta": 10000.0, "scaling": {"type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                 "original_context_length": 8192}}, "norm": "rms_norm", "norm_eps": 1e-05, "activation": "swiglu"}}
                """));
        }

        @Override
        void read(Path directory) {
            ModelDirectory.config(directory);
        }
    },
    MANIFEST("manifest.json") {
        @Override
        List<byte[]> seeds() {
            return List.of(utf8("""
                {"format_version": 1, "files": {"a": {"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    "bytes": 0}}}
                """));
        }

        @Override
        void prepare(Path directory) throws IOException {
            Files.write(directory.resolve("a"), new byte[0]);
        }

        @Override
        void read(Path directory) {
            Manifest.read(directory).ifPresent(manifest -> manifest.verify(directory));
        }
    };

    final String file;

    Format(String file) {
        this.file = file;
    }

    abstract List<byte[]> seeds();

    byte[] mutate(byte[] seed, Random random) {
        return Mutations.mutate(seed, random);
    }

    /** Puts what else must lie in the directory. */
    void prepare(Path directory) throws IOException {}

    /** Reads the spoiled file in each way that is offered; throws an {@link InklingException} where it is refused. */
    abstract void read(Path directory);

    /** One try: whether the file was accepted; any exception but the declared ones escapes. */
    boolean attempt(Path directory, List<byte[]> seeds, long number) throws IOException {
        Random random = new Random(number * 0x9E3779B97F4A7C15L);
        Files.write(directory.resolve(file), mutate(seeds.get(random.nextInt(seeds.size())), random));
        try {
            read(directory);
            return true;
        } catch (InklingException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("a refusal without a word", e);
            }
            return false;
        }
    }

    private static void consume(Corpus corpus) {
        StringBuilder text = new StringBuilder();
        corpus.whole().pieces(text::append);
        Corpus.Split parts = corpus.split(0.1);
        CharTokenizer tokenizer = CharTokenizer.fit(text + "x");
        long tokens = parts.training().tokens(tokenizer).count() + parts.validation().tokens(tokenizer).count();
        if (tokens > text.length()) {
            throw new AssertionError(tokens + " tokens of " + text.length() + " characters");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
