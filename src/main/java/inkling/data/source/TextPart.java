package inkling.data.source;

import inkling.data.TokenFile;
import inkling.data.Tokens;
import inkling.errors.ConfigException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A part of a {@link Corpus} that is tokenised on its own. It is the whole corpus, or one of the two parts that {@link Corpus#split} makes.
 *
 * <p>Its ids are those of its documents, one after the other. Between two documents stands the model's end token, if there is one
 * ({@link SpecialIds#between}). Before each document stand the ids with which the tokenizer begins every text, if any. Documents without a
 * character in this part are left out.
 */
public final class TextPart {
    private final Corpus corpus;
    private final List<Cut.Range> ranges;
    private final String name;

    /** @param ranges ranges of the corpus's characters, in their order */
    TextPart(Corpus corpus, List<Cut.Range> ranges, String name) {
        this.corpus = corpus;
        this.ranges = List.copyOf(ranges);
        this.name = name;
    }

    /** The number of characters (code points). */
    public long codePoints() {
        return Cut.count(ranges);
    }

    /** How messages name this part: {@code the validation part (the last 121,498 characters) of dickens.txt}. */
    public String name() {
        return name;
    }

    /**
     * Passes the text to {@code sink} in pieces, e.g. for fitting a tokenizer to it. A document is cut between words, and no piece spans
     * two documents.
     */
    public void pieces(Consumer<String> sink) {
        Chunker chunker = new Chunker(Chunker::betweenWords, sink);
        documents(new Corpus.Sink() {
            @Override
            public void text(String piece) {
                chunker.append(piece);
            }

            @Override
            public void endDocument() {
                chunker.end();
            }
        });
    }

    /** Passes the ids to {@code sink}, piece by piece. */
    public void encode(Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink) {
        documents(new DocumentIds(tokenizer, special, sink));
    }

    /** Encodes the text in memory. The text must have at most 2^31 − 9 tokens. */
    public Tokens tokens(Tokenizer tokenizer, SpecialIds special) {
        int[][] ids = {new int[1024]};
        int[] count = new int[1];
        encode(tokenizer, special, piece -> {
            int needed = Math.addExact(count[0], piece.length);
            if (needed > ids[0].length) {
                ids[0] = Arrays.copyOf(ids[0], (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * ids[0].length)));
            }
            System.arraycopy(piece, 0, ids[0], count[0], piece.length);
            count[0] = needed;
        });
        return Tokens.of(Arrays.copyOf(ids[0], count[0]));
    }

    /**
     * Opens the memory-mapped file of ids in {@code cache}, and writes it first if it is not there.
     *
     * <p>The file's name and key depend on the content and format of the text, the cut, and the ids before and between documents. They also
     * depend on the tokenizer and its Unicode version. So if one of these changes, no old file is used.
     *
     * @param tokenizerSha256 of the tokenizer's content
     * @throws ConfigException if the text has changed since the corpus was opened, and the file is not there yet
     */
    public TokenFile tokenFile(Tokenizer tokenizer, SpecialIds special, String tokenizerSha256, Path cache, DurableFiles files) {
        String key = key(tokenizer, special, tokenizerSha256, tokenizer.unicode());
        Path file = file(cache, key);
        if (!Files.exists(file)) {
            files.createDirectories(cache);
            TokenFile.write(files, file, key, tokenizer.vocabSize(), sink -> {
                encode(tokenizer, special, sink);
                corpus.requireUnchanged();   // if the text changed, this throws, and the file is not kept
            });
        }
        return TokenFile.open(file, key, tokenizer.vocabSize());
    }

    /**
     * Opens the file of ids that were made by the rules of another Unicode version, if {@code cache} still has the file. The Unicode
     * version decides which characters are letters, and so where words are split.
     *
     * @param unicode that Unicode version; empty for the version of the running Java, which Inkling 0.1 used
     */
    public Optional<TokenFile> earlierTokenFile(Tokenizer tokenizer, SpecialIds special, String tokenizerSha256, Optional<String> unicode,
                                                Path cache) {
        String key = key(tokenizer, special, tokenizerSha256, unicode);
        Path file = file(cache, key);
        return Files.exists(file) ? Optional.of(TokenFile.open(file, key, tokenizer.vocabSize())) : Optional.empty();
    }

    private static Path file(Path cache, String key) {
        return cache.resolve(key.substring(0, 16) + ".tokens");
    }

    /**
     * The ids around documents are part of the key only if they differ from those of version 0.1. So the files of version 0.1 are still
     * found.
     */
    private String key(Tokenizer tokenizer, SpecialIds special, String tokenizerSha256, Optional<String> unicode) {
        boolean plain = special.beginning().isEmpty() && special.between().equals(tokenizer.endOfText());
        String cut = ranges.stream().map(range -> "characters %d %d\n".formatted(range.from(), range.to()))
            .collect(Collectors.joining());
        return Sha256.of("corpus %s %s\n%stokenizer %s %d\n".formatted(corpus.sha256(), corpus.format(), cut, tokenizerSha256,
            tokenizer.vocabSize())
            + unicode.map("unicode %s\n"::formatted).orElse("")
            + (plain ? "" : "beginning %s between %s\n".formatted(special.beginning(), special.between())));
    }

    /**
     * Returns {@code tokens} if they suffice for one window and its targets.
     *
     * @throws ConfigException if they do not suffice; the message has both numbers of tokens
     */
    public <T extends Tokens> T requireWindow(T tokens, int contextLength) {
        long needed = contextLength + 1L;
        if (tokens.count() < needed) {
            throw new ConfigException(("%s needs at least %d tokens (a window of context_length %d and its last target), has %d."
                + " Give more text, change data.val, or set a smaller context_length.")
                .formatted(name, needed, contextLength, tokens.count()));
        }
        return tokens;
    }

    private void documents(Corpus.Sink sink) {
        corpus.read(new Corpus.Sink() {
            private long position;   // characters before this piece
            private int next;        // the first range that may still have characters from here on

            @Override
            public void text(String piece) {
                int length = piece.codePointCount(0, piece.length());
                long end = position + length;
                for (; next < ranges.size() && ranges.get(next).from() < end; next++) {
                    Cut.Range range = ranges.get(next);
                    int first = (int) Math.max(range.from() - position, 0);
                    int last = (int) Math.min(range.to() - position, length);
                    if (first < last) {
                        sink.text(last - first == length ? piece : characters(piece, first, last));
                    }
                    if (range.to() > end) {
                        break;
                    }
                }
                position = end;
            }

            @Override
            public void endDocument() {
                sink.endDocument();
            }
        });
    }

    private static String characters(String text, int from, int to) {
        return text.substring(text.offsetByCodePoints(0, from), text.offsetByCodePoints(0, to));
    }
}
