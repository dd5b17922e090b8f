package inkling.cli.train;

import inkling.cli.terminal.Console;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.errors.ConfigException;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tokenizer train --data PATH --vocab-size N --out DIR}. */
@Command(name = "tokenizer", description = "Make tokenizers.", synopsisSubcommandLabel = "train")
public final class TokenizerCommand {
    @Command(name = "train", description = "Learn a byte-level BPE vocabulary from a text.",
        footer = {"", "Example:", "  inkling tokenizer train --data datasets/dickens/dickens.txt --vocab-size 1024 --out my-tokenizer"})
    int train(
        @Option(names = "--data", paramLabel = "PATH", required = true, description = "a text file, a folder or a glob") String data,
        @Option(names = "--vocab-size", paramLabel = "N", required = true,
            description = "tokens in all: 256 bytes, the merges, <|endoftext|>") int vocabSize,
        @Option(names = "--out", paramLabel = "DIR", required = true, description = "a new or empty directory") Path out) {
        if (Files.exists(out) && (!Files.isDirectory(out) || out.toFile().list().length > 0)) {
            throw new ConfigException(("%s exists and is not an empty directory; nothing was changed. Name another with "
                + "--out.").formatted(out));
        }
        BpeTrainer trainer = new BpeTrainer(vocabSize);
        Corpus corpus = Corpus.open(List.of(data), DataConfig.Format.TEXT);
        corpus.remarks().forEach(Console.err()::println);
        corpus.whole().pieces(trainer::add);
        BpeTokenizer tokenizer = trainer.train();
        TokenizerFiles.write(tokenizer, out);
        Console.out().println("%,d tokens in %s".formatted(tokenizer.vocabSize(), out));
        return 0;
    }
}
