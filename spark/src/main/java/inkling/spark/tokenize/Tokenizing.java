package inkling.spark.tokenize;

import inkling.data.source.TokenShards;
import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.InklingException;
import inkling.errors.Printable;
import inkling.errors.StorageException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Turns a corpus into tokens, one part in each task, with the same result as on a single machine:
 * <ul>
 * <li>A vocabulary depends only on the words of the corpus and their counts. The counts are added up over all parts.
 * <li>The shards of ids, one after the other, are the ids that one machine would write for the whole corpus.
 * </ul>
 */
final class Tokenizing {
    private final JavaSparkContext context;
    private final Texts texts;
    private final Consumer<String> remarks;

    Tokenizing(JavaSparkContext context, Texts texts, Consumer<String> remarks) {
        this.context = context;
        this.texts = texts;
        this.remarks = remarks;
    }

    /**
     * Learns a vocabulary of {@code vocabSize} tokens.
     *
     * @throws ConfigException if {@code vocabSize} is too small for any vocabulary, or too large for this corpus, or a part cannot be read
     *     as text
     */
    Tokenizer learn(int vocabSize) {
        return throwingOurs(() -> learned(vocabSize));
    }

    private Tokenizer learned(int vocabSize) {
        BpeTrainer trainer = new BpeTrainer(vocabSize);
        Iterator<Tuple2<String, Long>> counts = texts.parts(context).mapPartitionsToPair(parts -> Counting.words(parts))
            .reduceByKey(Long::sum).toLocalIterator();
        long words = 0;
        while (counts.hasNext()) {
            Tuple2<String, Long> word = counts.next();
            trainer.add(word._1().getBytes(StandardCharsets.ISO_8859_1), word._2());
            words++;
        }
        remarks.accept("%,d different words".formatted(words));
        return trainer.train();
    }

    /**
     * Writes the directory {@code out}. It appears complete, by one rename. Token files that an interrupted try has made from the same
     * corpus, with the same tokenizer, are used again.
     *
     * @throws ConfigException if there is no text, or a part cannot be read as text
     */
    TokenShards write(Tokenizer tokenizer, Path out) {
        Path making = out.toAbsolutePath().resolveSibling(out.getFileName() + ".making");
        DurableFiles.SYSTEM.createDirectories(making);
        TokenizerFiles.files(tokenizer).forEach((name, bytes) -> DurableFiles.SYSTEM.write(making.resolve(name), bytes));
        String tokenizerSha256 = Sha256.of(TokenizerFiles.json(tokenizer));
        SpecialIds special = SpecialIds.of(tokenizer);
        String key = Sha256.of("%s\n%s\n%s %s\n".formatted(texts.key(), tokenizerSha256, special.between(), special.beginning()));
        JavaRDD<PartEncoding.Made> tasks = texts.parts(context).mapPartitionsWithIndex(new PartEncoding(making.toString(), key), true);
        List<TokenShards.ShardFile> shards = new ArrayList<>();
        for (PartEncoding.Made made : throwingOurs(tasks::collect)) {
            if (!made.fault().isEmpty()) {
                throw new ConfigException(made.fault());
            }
            if (made.ids() > 0) {
                boolean first = shards.isEmpty();
                shards.add(new TokenShards.ShardFile(made.file(), made.key(), first && special.between().isPresent() ? 1 : 0, made.ids()));
            }
        }
        if (shards.isEmpty()) {
            throw new ConfigException("there is no text in %s: 0 tokens to learn from."
                .formatted(Printable.counted(texts.files().size(), "file")));
        }
        new TokenShards(making, tokenizerSha256, tokenizer.vocabSize(), special.between(), special.beginning(), shards).write();
        try {
            Files.move(making, out, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FileFaults.cannot("rename %s to".formatted(making), out, e);
        }
        return TokenShards.read(out);
    }

    /** Does {@code work} on Spark. If a task has failed in all its tries with an exception of Inkling's, throws that one. */
    private static <T> T throwingOurs(Supplier<T> work) {
        try {
            return work.get();
        } catch (Exception e) {   // Scala throws the checked SparkException undeclared, so Java cannot catch it by name
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof InklingException ours) {
                    throw ours;
                }
            }
            throw e;
        }
    }

    /**
     * The message of a fault that any machine would have. A StorageException is thrown again instead, so that Spark tries the part again,
     * except with {@code --master local}.
     */
    static String lasting(InklingException fault) {
        if (fault instanceof StorageException) {
            throw fault;
        }
        return fault.getMessage();
    }
}
