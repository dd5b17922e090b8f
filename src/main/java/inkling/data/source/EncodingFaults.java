package inkling.data.source;

import inkling.errors.ConfigException;
import inkling.io.text.NotUtf8Exception;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Collects the files of a corpus that are not UTF-8. One report then names them all, with the command that converts them. */
final class EncodingFaults {
    private final List<NotUtf8Exception> files = new ArrayList<>();

    void add(NotUtf8Exception fault) {
        files.add(fault);
    }

    /**
     * Throws a fault if any were added.
     *
     * @throws ConfigException that names all files; if the corpus is a single file, the fault of that file
     */
    void throwIfAny(int filesOfTheCorpus) {
        if (files.isEmpty()) {
            return;
        }
        if (filesOfTheCorpus == 1) {
            throw files.get(0);
        }
        throw new ConfigException("%d of %d files %s not UTF-8:%n%s%n%s".formatted(files.size(), filesOfTheCorpus,
            files.size() == 1 ? "is" : "are",
            files.stream().map(fault -> "  " + fault.file() + ": " + fault.where()).collect(Collectors.joining(System.lineSeparator())),
            wayOut()));
    }

    private String wayOut() {
        String names = files.stream().map(fault -> quoted(fault.file().toString())).collect(Collectors.joining(" "));
        boolean packed = files.stream().anyMatch(fault -> fault.file().toString().matches(".*\\.(gz|zst)"));
        return ("Convert them (%1$s is the encoding of most old texts in Latin letters; give another to -f)%2$s:%n"
            + "  for f in %3$s; do iconv -f %1$s -t UTF-8 \"$f\" >\"$f.utf8\" && mv \"$f.utf8\" \"$f\"; done%n"
            + "or leave them out: name the other files alone, by a glob or one by one (a list in data.train, --data several times for "
            + "new).")
            .formatted(NotUtf8Exception.LIKELY_ENCODING, packed ? ", the compressed ones once they are unpacked" : "", names);
    }

    /** Quotes {@code name} so that a shell reads it as one word. */
    private static String quoted(String name) {
        return name.matches("[A-Za-z0-9_./-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
    }
}
