package inkling.spark.tokenize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.Tokens;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig.Format;
import inkling.data.source.Dataset;
import inkling.data.source.TokenShards;
import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.io.DurableFiles;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.spark.settings.ClusterSettings;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vocabulary and tokens made with Spark are those made on one machine, bit for bit. */
@Tag("training")
class TokenizeTest {
    private static final int VOCABULARY = 400;
    @TempDir static Path directory;
    private static Path corpus;
    private static Tokenizer tokenizer;
    private static int[] ids;

    /**
     * Writes the first part of a book to seven files: one is packed, one has Windows's line ends, the first and the last are empty. Then
     * makes their vocabulary and ids without Spark.
     */
    @BeforeAll static void onOneMachine() throws IOException {
        corpus = Files.createDirectories(directory.resolve("corpus"));
        Path book = directory.resolve("dickens.txt");
        Dataset.named("dickens").fetch(book, DurableFiles.SYSTEM);
        String text = Files.readString(book).substring(1, 200_001);
        Files.writeString(corpus.resolve("0.txt"), "");
        for (int i = 1; i <= 5; i++) {
            String part = text.substring((i - 1) * 40_000, i * 40_000);
            if (i == 3) {
                try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(corpus.resolve("3.txt.gz")))) {
                    out.write(part.getBytes(StandardCharsets.UTF_8));
                }
            } else {
                Files.writeString(corpus.resolve(i + ".txt"), i == 4 ? part.replace("\n", "\r\n") : part);
            }
        }
        Files.writeString(corpus.resolve("6.txt"), "");
        Corpus whole = Corpus.open(List.of(corpus.toString()), Format.TEXT);
        BpeTrainer trainer = new BpeTrainer(VOCABULARY);
        whole.whole().pieces(trainer::add);
        tokenizer = trainer.train();
        ids = all(whole.whole().tokens(tokenizer, SpecialIds.of(tokenizer)));
    }

    private static int[] all(Tokens tokens) {
        long[] read = new long[(int) tokens.count()];
        tokens.read(0, read, 0, read.length);
        return Arrays.stream(read).mapToInt(Math::toIntExact).toArray();
    }

    private static JavaSparkContext spark(String master) {
        return ClusterSettings.of(master, Map.of(), System.getenv()).start("test");
    }

    private static void equalsOneMachine(Tokenizer learned, TokenShards shards, int shardCount) {
        assertArrayEquals(TokenizerFiles.json(tokenizer), TokenizerFiles.json(learned), "the vocabulary");
        assertEquals(shardCount, shards.shards().size());
        assertArrayEquals(ids, all(TokenShards.read(shards.directory()).location().open()));
    }

    @Test void textInOneProcessAndThenATrainingOnIt() throws IOException {
        Path out = directory.resolve("one.tokens");
        try (JavaSparkContext context = spark("local")) {
            Tokenizing work = new Tokenizing(context, Texts.find(List.of(corpus.toString()), "text", ""), line -> { });
            Tokenizer learned = work.learn(VOCABULARY);
            equalsOneMachine(learned, work.write(learned, out), 5);
        }
        assertTrue(Files.notExists(directory.resolve("one.tokens.making")));
        RunConfig config = ConfigFile.parse("""
            {name: tokens, data: {train: "%s"}, model: {n_layer: 1, n_head: 2, n_embd: 16, context_length: 16},
             schedule: {learning_rate: 1.0e-3, warmup_steps: 0}, train: {max_steps: 3, eval_batches: all, sample: null}}
            """.formatted(out), "test", List.of());
        List<String> summary = new ArrayList<>();
        TrainRun.begin(config, directory.resolve("checkpoints"), new TrainingListener() {
            @Override
            public void starting(long step, long ofSteps, String what) {
                summary.add(what);
            }
        }, () -> false);
        long training = (long) Math.floor(0.9 * ids.length);
        assertTrue(summary.get(0).contains("%,d training and %,d validation tokens, vocabulary of 400"
            .formatted(training, ids.length - training)), summary.get(0));
    }

    @Test void aFileThatIsNoTextIsNamedWhileWordsAreCounted() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("broken"));
        Path broken = Files.write(folder.resolve("0.txt"), new byte[] {'a', (byte) 0xff, 'b'});
        try (JavaSparkContext context = spark("local")) {
            Tokenizing work = new Tokenizing(context, Texts.find(List.of(folder.toString()), "text", ""), line -> { });
            String message = assertThrows(InklingException.class, () -> work.learn(VOCABULARY)).getMessage();
            assertTrue(message.contains(broken.toString()), message);
        }
    }

    /** The first process that has counted the words of a file is killed. What it counted is lost, and is counted again. */
    @Test void wordsInTwoProcessesOfWhichOneIsKilled() throws IOException {
        try (JavaSparkContext context = spark("local-cluster[2,1,512]")) {
            Texts texts = Texts.find(List.of(corpus.toString()), "text", "");
            CompletableFuture<Boolean> killing = new CompletableFuture<>();
            AtomicInteger begun = new AtomicInteger();
            context.sc().addSparkListener(new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart start) {
                    if (start.stageId() == 0) {
                        begun.incrementAndGet();
                    }
                }

                @Override
                public void onTaskEnd(SparkListenerTaskEnd end) {
                    if (!killing.isDone()) {
                        killing.complete(executor("--executor-id " + end.taskInfo().executorId()).destroyForcibly());
                    }
                }
            });
            Tokenizer learned = new Tokenizing(context, texts, line -> { }).learn(VOCABULARY);
            assertTrue(killing.join());
            assertArrayEquals(TokenizerFiles.json(tokenizer), TokenizerFiles.json(learned), "the vocabulary");
            assertTrue(begun.get() > texts.files().size(), begun + " counts of " + texts.files().size() + " files");
        }
    }

    private static ProcessHandle executor(String words) {
        return ProcessHandle.current().descendants().filter(process -> {
            String line = process.info().commandLine().orElse("") + " ";
            return line.contains("CoarseGrainedExecutorBackend") && line.contains(words + " ");
        }).findFirst().orElseThrow();
    }

    /**
     * A FIFO is in the place of the token file of part 3. A process that opens it, to see whether the part is already made, waits. This
     * process is killed, and another makes the part.
     */
    @Test void textInTwoProcessesOfWhichOneIsKilled() throws Exception {
        Path out = directory.resolve("two.tokens");
        Path waiting = Files.createDirectories(directory.resolve("two.tokens.making")).resolve("shard-000003.tokens");
        assertEquals(0, new ProcessBuilder("mkfifo", waiting.toString()).start().waitFor());
        try (JavaSparkContext context = spark("local-cluster[2,1,512]")) {
            Tokenizing work = new Tokenizing(context, Texts.find(List.of(corpus.toString()), "text", ""), line -> { });
            Tokenizer learned = work.learn(VOCABULARY);
            AtomicInteger begun = new AtomicInteger();
            context.sc().addSparkListener(new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart start) {
                    if (start.taskInfo().index() != 3 || begun.incrementAndGet() > 1) {
                        return;
                    }
                    ProcessHandle process = executor("--executor-id " + start.taskInfo().executorId());
                    process.destroyForcibly();
                    process.onExit().join();
                    // opening the FIFO releases a process that is already waiting for it
                    try (RandomAccessFile opened = new RandomAccessFile(waiting.toFile(), "rw")) {
                        Files.delete(waiting);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            TokenShards shards = work.write(learned, out);
            assertTrue(begun.get() > 1, "the part is made again");
            equalsOneMachine(learned, shards, 5);
        }
    }

    @Test void aGlobOfParquetFilesIsRefusedWithTheWayOut() {
        String message = assertThrows(ConfigException.class, () -> Texts.find(List.of("corpus/*.parquet"), "parquet_text", "text"))
            .getMessage();
        assertTrue(message.contains("corpus/*.parquet is no file and no folder") && message.contains("name files, or a folder"), message);
    }

    @Test void parquetIsReadByTheNameOfItsColumn() throws IOException {
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            documents.add("Document %d says \r\n that Nell is %d years old.".formatted(i, i));
        }
        documents.add(2, "");
        Path jsonl = directory.resolve("documents.jsonl");
        StringBuilder lines = new StringBuilder();
        documents.forEach(text -> lines.append("{\"text\": \"").append(text.replace("\r\n", "\\r\\n")).append("\"}\n"));
        Files.writeString(jsonl, lines);
        int[] expected = all(Corpus.open(List.of(jsonl.toString()), Format.JSONL_TEXT).whole().tokens(tokenizer, SpecialIds.of(tokenizer)));
        try (JavaSparkContext context = spark("local")) {
            SparkSession session = SparkSession.builder().sparkContext(context.sc()).getOrCreate();
            Path first = directory.resolve("parquet/a.parquet");
            Path second = directory.resolve("parquet/b.parquet");
            session.createDataset(documents.subList(0, 4), Encoders.STRING()).toDF("story").coalesce(1).write()
                .parquet(first.toUri().toString());
            session.createDataset(documents.subList(4, 6), Encoders.STRING()).toDF("story").coalesce(1).write()
                .parquet(second.toUri().toString());
            Texts rows = Texts.find(List.of(directory.resolve("parquet").toString()), "parquet_text", "story");
            TokenShards shards = new Tokenizing(context, rows, line -> { }).write(tokenizer, directory.resolve("parquet.tokens"));
            assertArrayEquals(expected, all(shards.location().open()));
            TokenShards records = new Tokenizing(context, Texts.find(List.of(jsonl.toString()), "jsonl_text", ""), line -> { })
                .write(tokenizer, directory.resolve("jsonl.tokens"));
            assertArrayEquals(expected, all(records.location().open()));
            Texts wrong = Texts.find(List.of(directory.resolve("parquet").toString()), "parquet_text", "text");
            String message = assertThrows(ConfigException.class, () -> wrong.parts(context)).getMessage();
            assertTrue(message.contains("text is no column") && message.contains("story") && message.contains("--column"), message);
        }
    }
}
