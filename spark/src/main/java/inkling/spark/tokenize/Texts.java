package inkling.spark.tokenize;

import inkling.data.source.CorpusFiles;
import inkling.data.source.DataConfig.Format;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * The files of a corpus, in their order, and the parts that tasks read. Each file of text or records is one part. Spark splits a Parquet
 * file into parts, between the file's row groups.
 *
 * @param format the format of text files; empty for Parquet
 * @param column the column that holds the documents, for Parquet
 */
record Texts(List<Path> files, Optional<Format> format, String column) {
    static final String PARQUET = "parquet_text";

    Texts {
        files = List.copyOf(files);
    }

    /**
     * Finds the files of a corpus.
     *
     * @param paths files, folders or globs; for Parquet, files or folders only
     * @throws ConfigException if one of {@code paths} leads to no file, or {@code format} is not known
     */
    static Texts find(List<String> paths, String format, String column) {
        if (format.equals(PARQUET)) {
            return new Texts(paths.stream().flatMap(path -> parquet(Path.of(path)).stream()).toList(), Optional.empty(), column);
        }
        Format known = Stream.of(Format.TEXT, Format.JSONL_TEXT).filter(f -> f.word().equals(format)).findFirst()
            .orElseThrow(() -> new ConfigException("--format %s is none of text, jsonl_text, parquet_text.".formatted(format)));
        CorpusFiles found = CorpusFiles.find(paths, Reading.PRESENT);
        return new Texts(found.files().stream().map(Path::toAbsolutePath).toList(), Optional.of(known), column);
    }

    private static List<Path> parquet(Path path) {
        if (!Files.isDirectory(path)) {
            if (!Files.isRegularFile(path)) {
                throw new ConfigException(("%s is no file and no folder. With --format %s name files, or a folder: every file in it that"
                    + " ends in .parquet is read.").formatted(path, PARQUET));
            }
            return List.of(path.toAbsolutePath());
        }
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> files = all.filter(file -> file.getFileName().toString().endsWith(".parquet") && Files.isRegularFile(file))
                .map(Path::toAbsolutePath).sorted().toList();
            if (files.isEmpty()) {
                throw new ConfigException("%s has no file that ends in .parquet.".formatted(path));
            }
            return files;
        } catch (IOException e) {
            throw FileFaults.cannot("read", path, e);
        }
    }

    /**
     * A hash of the format (for Parquet with the column) and of the files' paths, sizes and times. If it differs from the hash of an
     * interrupted run, the token files of that run are not used: they are written again.
     */
    String key() {
        StringBuilder text = new StringBuilder(format.map(Format::word).orElse(PARQUET + " " + column));
        for (Path file : files) {
            try {
                text.append('\n').append(file).append(' ').append(Files.size(file)).append(' ').append(Files.getLastModifiedTime(file));
            } catch (IOException e) {
                throw FileFaults.cannot("read", file, e);
            }
        }
        return Sha256.of(text.toString());
    }

    /** The parts of the corpus in their order, one in each partition. */
    JavaRDD<CorpusPart> parts(JavaSparkContext context) {
        if (format.isPresent()) {
            List<CorpusPart> parts = new ArrayList<>();
            files.forEach(file -> parts.add(new CorpusPart.OfFile(file.toString(), format.get())));
            return context.parallelize(parts, parts.size());
        }
        SparkSession session = SparkSession.builder().sparkContext(context.sc()).getOrCreate();
        JavaRDD<CorpusPart> all = context.emptyRDD();
        for (Path file : files) {
            all = all.union(documents(session, file)
                .mapPartitions(rows -> List.<CorpusPart>of(new CorpusPart.OfDocuments(rows)).iterator()));
        }
        return all;
    }

    private JavaRDD<String> documents(SparkSession session, Path file) {
        Dataset<Row> rows = session.read().parquet(file.toUri().toString());
        List<String> columns = Arrays.asList(rows.columns());
        if (!columns.contains(column) || !rows.schema().apply(column).dataType().equals(DataTypes.StringType)) {
            throw new ConfigException("%s: %s is no column of text; the columns are %s. Name one with --column.".formatted(file, column,
                rows.schema().simpleString()));
        }
        Dataset<Row> texts = rows.select(rows.col("`" + column + "`"));
        return texts.filter(texts.col("`" + column + "`").isNotNull()).as(Encoders.STRING()).javaRDD();
    }
}
