package inkling.data.source;

import inkling.data.source.DataConfig.Format;
import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.Printable;
import inkling.io.text.NotUtf8Exception;
import inkling.io.text.TextFiles;
import inkling.io.text.TextReader;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The documents of one or more text files, read piece by piece, so that a corpus may be larger than memory. A document is a file, or the
 * {@code text} of a {@code jsonl_text} record. Its text is normalised: unpacked, made UTF-8, byte order mark dropped, CRLF made LF.
 *
 * <pre>{@code
 * Corpus corpus = Corpus.open(List.of("datasets/dickens/dickens.txt"), Format.TEXT);   // reads it now: every byte is checked
 * corpus.remarks().forEach(log);                                                       // datasets/…: byte order mark dropped
 * Corpus.Split parts = corpus.split(0.1);                                              // 1,093,478 and 121,498 characters
 * }</pre>
 */
public final class Corpus {
    /** The two parts of a corpus. */
    public record Split(TextPart training, TextPart validation) {}

    /** Receives documents piece by piece; no character is split between pieces. */
    interface Sink {
        void text(String piece);

        void endDocument();
    }

    private record Source(Path file, long size, FileTime modified) {}

    private static final int PIECE_CHARS = 1 << 16;
    private static final int MOST_REMARKS = 3;

    private final List<Source> sources;
    private final Format format;
    private final Reading reading;
    private final String name;
    private final String sha256;
    private final List<String> remarks = new ArrayList<>();
    private final List<Long> ends = new ArrayList<>();   // where each file ends, in code points from the first file's beginning
    private long documents;
    private long emptyDocuments;
    private long codePoints;
    private boolean onlyWhiteSpace = true;

    private enum Least { NOTHING, TEXT }   // what a corpus must hold at least

    private Corpus(CorpusFiles found, Format format, Reading reading, Least least) {
        this.sources = found.files().stream().map(Corpus::stamp).toList();
        this.format = format;
        this.reading = reading;
        this.name = found.name();
        this.sha256 = found.sha256();
        scan();
        if (least == Least.TEXT) {
            requireText();
        }
        remarks.addAll(0, found.remarks());
    }

    /**
     * Finds the files, and reads them whole, to find their faults and count their characters.
     *
     * @param paths each a file, a folder (the text files below it, sorted by name, without hidden files and folders) or a glob
     * @throws ConfigException if a path leads to no file, a file or record is not readable as text, or there is only white space
     * @throws inkling.errors.StorageException if a file cannot be read
     */
    public static Corpus open(List<String> paths, Format format) {
        return open(paths, format, Reading.PRESENT);
    }

    /** As {@link #open(List, Format)}, by the rules of the version of Inkling that began a run. */
    public static Corpus open(List<String> paths, Format format, Reading reading) {
        if (format.teachesAnswers()) {
            throw new IllegalArgumentException("conversations are read by Conversations");
        }
        return new Corpus(CorpusFiles.find(paths, reading), format, reading, Least.TEXT);
    }

    /** One file of a corpus that is read file by file. The file may be empty, since other files may have text. */
    public static Corpus part(Path file, Format format) {
        return new Corpus(CorpusFiles.find(List.of(file.toString()), Reading.PRESENT), format, Reading.PRESENT, Least.NOTHING);
    }

    private static Source stamp(Path file) {
        try {
            return new Source(file, Files.size(file), Files.getLastModifiedTime(file));
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    private void scan() {
        Map<Path, Format> records = new LinkedHashMap<>();
        read(new Sink() {
            private boolean empty = true;

            @Override
            public void text(String piece) {
                codePoints += piece.codePointCount(0, piece.length());
                if (empty && format == Format.TEXT) {
                    JsonDetection.format(piece).ifPresent(better -> records.putIfAbsent(sources.get((int) documents).file, better));
                }
                empty &= piece.isEmpty();
                onlyWhiteSpace &= piece.codePoints().allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c));
            }

            @Override
            public void endDocument() {
                documents++;
                emptyDocuments += empty ? 1 : 0;
                empty = true;
            }
        }, this::ended);
        if (remarks.size() > MOST_REMARKS) {
            remarks.set(MOST_REMARKS, "and changes in " + Printable.counted(remarks.size() - MOST_REMARKS, "more file"));
            remarks.subList(MOST_REMARKS + 1, remarks.size()).clear();
        }
        if (!records.isEmpty()) {
            remarks.add(JsonDetection.remark(records));
        }
        if (emptyDocuments > 0) {
            remarks.add("%s: %d of %d documents %s empty and left out".formatted(name(), emptyDocuments, documents,
                emptyDocuments == 1 ? "is" : "are"));
        }
    }

    private void requireText() {
        if (codePoints == 0) {
            throw new ConfigException("%s is empty: 0 tokens to learn from. Name a file that holds text.".formatted(name()));
        }
        if (onlyWhiteSpace) {
            throw new ConfigException(("%s holds %d characters of white space and nothing else: 0 tokens to learn from. Name a file that"
                + " holds text.").formatted(name(), codePoints));
        }
    }

    private void ended(Path file, TextFiles.Normalization changes) {
        ends.add(codePoints);
        if (!changes.none()) {
            remarks.add(file + ": " + changes);
        }
    }

    /** Receives each file when it has been read to its end, and what normalising changed in the file. */
    private interface FileEnd {
        void reached(Path file, TextFiles.Normalization changes);
    }

    /** Passes all documents to {@code sink}, in their order. */
    void read(Sink sink) {
        read(sink, (file, changes) -> { });
    }

    private void read(Sink sink, FileEnd end) {
        RecordFaults faults = new RecordFaults();
        EncodingFaults encodings = new EncodingFaults();
        for (Source source : sources) {
            requireUnchanged(source);
            try {
                end.reached(source.file, switch (format) {
                    case TEXT -> readText(source.file, sink);
                    case JSONL_TEXT -> readRecords(source.file, faults, sink);
                    case MESSAGES, PREFERENCES -> throw new IllegalStateException("refused by open");
                });
            } catch (NotUtf8Exception e) {
                encodings.add(e);
            }
        }
        encodings.throwIfAny(sources.size());
        faults.throwIfAny();
    }

    private TextFiles.Normalization readText(Path file, Sink sink) {
        try (TextReader reader = reading.text(file)) {
            for (Optional<String> piece = reader.chunk(PIECE_CHARS); piece.isPresent(); piece = reader.chunk(PIECE_CHARS)) {
                sink.text(piece.get());
            }
            sink.endDocument();
            return reader.normalization();
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    private TextFiles.Normalization readRecords(Path file, RecordFaults faults, Sink sink) {
        long[] crlf = new long[1];
        TextFiles.Normalization changes = JsonRecords.read(file, reading, faults, (object, number) -> {
            if (number == 0 && !object.has("text")) {
                throw new ConfigException(("%s: has the keys %s, and no text: a document is {\"text\": …}. Conversations are read with"
                    + " format: messages.").formatted(object.source(), String.join(", ", object.names())));
            }
            String text = object.requireString("text");
            String normalised = text.replace("\r\n", "\n");
            crlf[0] += text.length() - normalised.length();
            sink.text(normalised);
            sink.endDocument();
        });
        return new TextFiles.Normalization(changes.conversion(), changes.byteOrderMark(), crlf[0]);
    }

    private static void requireUnchanged(Source then) {
        Source now = stamp(then.file);
        if (!now.equals(then)) {
            throw new ConfigException(("%s changed since it was first read (%d bytes of %s, now %d bytes of %s). Start again"
                + " with the text as it is now.").formatted(then.file, then.size, then.modified, now.size, now.modified));
        }
    }

    /** @throws ConfigException if a file's size or modification time has changed since {@link #open} */
    public void requireUnchanged() {
        sources.forEach(Corpus::requireUnchanged);
    }

    /** @throws ConfigException if {@link #sha256} is not the hash that a run recorded when it began */
    public void requireSha256(String recorded) {
        if (!sha256.equals(recorded)) {
            throw new ConfigException(("%s changed since the run began (sha256 was %s…, now is %s…). Restore the text, or begin a new run.")
                .formatted(name(), recorded.substring(0, 12), sha256.substring(0, 12)));
        }
    }

    public List<Path> files() {
        return sources.stream().map(Source::file).toList();
    }

    Format format() {
        return format;
    }

    /** Remarks for the user, a line each: files left out, what normalising changed, JSON read as plain text, empty documents. */
    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** How many documents are not empty. */
    public long documents() {
        return documents - emptyDocuments;
    }

    /** The number of characters (code points) in all documents. */
    public long codePoints() {
        return codePoints;
    }

    /** As {@link CorpusFiles#sha256}. */
    public String sha256() {
        return sha256;
    }

    /** {@code a.txt}, or {@code a.txt and 2 more files}. */
    public String name() {
        return name;
    }

    /** The number of tokens in each file. An end token between two documents counts with the second. Reads and encodes everything. */
    public Map<Path, Long> tokensByFile(Tokenizer tokenizer, SpecialIds special) {
        Map<Path, Long> counts = new LinkedHashMap<>();
        long[] count = new long[1];
        read(new DocumentIds(tokenizer, special, piece -> count[0] += piece.length), (file, changes) -> {
            counts.merge(file, count[0], Long::sum);   // a file may be named twice
            count[0] = 0;
        });
        return counts;
    }

    /** All files, as one part. */
    public TextPart whole() {
        return new TextPart(this, List.of(new Cut.Range(0, codePoints)), name());
    }

    /**
     * The first floor((1 − fraction)·n) of each file's n characters are for training, the others for validation. The documents of a file
     * count as one text here, so the cut may be inside a document. In a run that version 0.1 began, all files count as one text.
     */
    public Split split(double fraction) {
        Cut cut = Cut.of(fraction, reading.pieces(ends));
        return new Split(part("training", "first", cut.training()), part("validation", "last", cut.validation()));
    }

    private TextPart part(String what, String which, List<Cut.Range> ranges) {
        String each = ranges.size() > 1 ? " of its files" : "";
        return new TextPart(this, ranges, "the %s part (the %s %,d characters%s) of %s"
            .formatted(what, which, Cut.count(ranges), each, name()));
    }
}
