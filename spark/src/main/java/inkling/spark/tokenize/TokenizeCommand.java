package inkling.spark.tokenize;

import inkling.cli.terminal.Console;
import inkling.data.source.TokenShards;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.spark.settings.ClusterSettings;
import inkling.spark.settings.SparkOptions;
import inkling.spark.settings.StandaloneMaster;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cluster tokenize}. */
@Command(name = "tokenize", description = "Turn a corpus into tokens, with a Spark task for each file, or for each part of a Parquet"
    + " file; data.train of a run file can name the directory of tokens.",
    footer = {"", "Examples:", "  inkling cluster tokenize --data corpus --vocab-size 32000 --out corpus.tokens",
        "  inkling cluster tokenize --data wiki.parquet --format parquet_text --column text --tokenizer gpt2 --out wiki.tokens"
            + " --master spark://10.0.0.5:7077"})
public final class TokenizeCommand implements Callable<Integer> {
    @Option(names = "--data", paramLabel = "PATH", required = true, arity = "1..*",
        description = "files, folders or globs; files may be .gz or .zst; with parquet_text, only files and folders")
    List<String> data;

    @Option(names = "--format", paramLabel = "F", defaultValue = "text", description = "text, jsonl_text or parquet_text (default: text)")
    String format;

    @Option(names = "--column", paramLabel = "C", defaultValue = "text",
        description = "with parquet_text: the column that has the documents (default: text)")
    String column;

    @Option(names = "--vocab-size", paramLabel = "N", description = "learn a byte-level BPE vocabulary of N tokens from the corpus")
    Integer vocabSize;

    @Option(names = "--tokenizer", paramLabel = "T",
        description = "instead of --vocab-size: gpt2, a tokenizer.json, or a directory that has one")
    String tokenizer;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the directory to make, on storage that all machines share")
    Path out;

    @Mixin
    SparkOptions spark = new SparkOptions();

    @Override
    public Integer call() {
        if ((vocabSize == null) == (tokenizer == null)) {
            throw new ConfigException("cluster tokenize needs --vocab-size N, to learn a vocabulary, or --tokenizer T, and not both.");
        }
        if (Files.exists(out)) {
            throw new ConfigException("%s exists; nothing was changed. Name another with --out.".formatted(out));
        }
        ClusterSettings settings = ClusterSettings.of(spark.master(), spark.given(), System.getenv());
        StandaloneMaster.require(spark.master());
        Texts texts = Texts.find(data, format, column);
        Console.err().println(Printable.counted(texts.files().size(), "file"));
        try (JavaSparkContext context = settings.start("tokenize")) {
            Tokenizing work = new Tokenizing(context, texts, Console.err()::println);
            TokenShards made = work.write(vocabSize != null ? work.learn(vocabSize) : given(), out);
            Console.out().println("%,d tokens of %,d in %s: %s".formatted(made.location().count(), made.vocabSize(),
                Printable.counted(made.shards().size(), "shard"), out));
            Console.out().println("Next:\n  ./inkling new --help    # or a run file with data: {train: %s}".formatted(out));
        }
        return 0;
    }

    private Tokenizer given() {
        return tokenizer.equals("gpt2") && !Files.exists(Path.of(tokenizer)) ? BpeTokenizer.gpt2()
            : TokenizerFiles.read(Path.of(tokenizer));
    }
}
