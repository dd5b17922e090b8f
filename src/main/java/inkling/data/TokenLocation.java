package inkling.data;

import inkling.errors.ConfigException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a text's ids are stored, so that this or another process can open them: parts of token files, one after the other. */
public record TokenLocation(List<Part> parts) implements Serializable {
    /**
     * The ids {@code from … to − 1} of a token file, with the key and vocabulary size that {@link TokenFile#open} checks.
     *
     * @param file an absolute path
     */
    public record Part(String file, String key, int vocabSize, long from, long to) implements Serializable {
        public Part {
            if (from < 0 || to < from) {
                throw new IllegalArgumentException("ids %d to %d of %s".formatted(from, to, file));
            }
        }

        long count() {
            return to - from;
        }
    }

    public TokenLocation {
        parts = List.copyOf(parts);
    }

    public long count() {
        return parts.stream().mapToLong(Part::count).sum();
    }

    /** The vocabulary size of the first part. */
    public int vocabSize() {
        return parts.get(0).vocabSize();
    }

    /** The location of the ids at positions {@code from … to − 1}. Positions count through all parts. */
    public TokenLocation part(long from, long to) {
        List<Part> within = new ArrayList<>();
        long before = 0;
        for (Part part : parts) {
            long first = Math.max(from - before, 0);
            long last = Math.min(to - before, part.count());
            if (first < last) {
                within.add(new Part(part.file, part.key, part.vocabSize, part.from + first, part.from + last));
            }
            before += part.count();
        }
        return new TokenLocation(within);
    }

    /**
     * The ids. The file of a part is opened and checked when one of the part's ids is first read.
     *
     * @throws ConfigException if a file is missing. If a file is faulty, reading an id throws the exceptions of {@link TokenFile#open}
     */
    public Tokens open() {
        parts.forEach(part -> {
            if (!Path.of(part.file).toFile().isFile()) {
                throw new ConfigException(("%s is not there. Where several machines train, it must be on storage that all of them "
                    + "share, under the"
                    + " same path.").formatted(part.file));
            }
        });
        return new JoinedTokens(parts);
    }
}
