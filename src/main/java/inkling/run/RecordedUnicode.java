package inkling.run;

import inkling.data.TokenFile;
import inkling.data.source.TextPart;
import inkling.errors.Printable;
import inkling.io.DurableFiles;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.split.UnicodeTable;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The Unicode version that a run began with; it decides which characters count as letters when the tokenizer splits text. If today's
 * tokenizer has another version, a resumed run uses its old token file. If there is no such file and text may now be split
 * differently, the user is warned.
 *
 * @param began the Unicode version. It is empty if the tokenizer does not ask what a letter is, or if Inkling 0.1 began the run. Inkling
 *     0.1 used the Unicode version of its Java
 * @param remarks receives the warnings
 */
record RecordedUnicode(Optional<String> began, Consumer<String> remarks) {
    private static final int MOST_LISTED = 10;

    /**
     * The token file of {@code part}. If the Unicode version has changed, this is the file with which the run began. If that file is gone,
     * the text is encoded anew, and {@link #compare} warns the user if its tokens may differ.
     */
    TokenFile tokenFile(TextPart part, Tokenizer tokenizer, SpecialIds special, String tokenizerSha256, Path cache) {
        if (differFrom(tokenizer)) {
            Optional<TokenFile> kept = part.earlierTokenFile(tokenizer, special, tokenizerSha256, began, cache);
            if (kept.isPresent()) {
                return kept.get();
            }
            compare(tokenizer, part::pieces, part.name());
        }
        return part.tokenFile(tokenizer, special, tokenizerSha256, cache, DurableFiles.SYSTEM);
    }

    /**
     * Warns the user if tokens that are made now may differ from those with which the run began.
     *
     * @param text gives the text in pieces
     * @param name of the text, for the warning
     */
    void compare(Tokenizer tokenizer, Consumer<Consumer<String>> text, String name) {
        if (!differFrom(tokenizer)) {
            return;
        }
        String now = tokenizer.unicode().map("Unicode %s"::formatted).orElse("no Unicode version");
        if (began.isPresent()) {
            remarks.accept(("%s: when the run began, Unicode %s decided which characters are letters; now %s decides. Text around"
                + " characters that only one of the two knows may be split into other tokens than before.")
                .formatted(name, began.get(), now));
            return;
        }
        TreeSet<Integer> later = new TreeSet<>();
        text.accept(piece -> piece.codePoints().filter(UnicodeTable::isLaterThanUnicode13).forEach(later::add));
        if (!later.isEmpty()) {
            remarks.accept(("%s: the run began with Inkling 0.1, which took from Java which characters are letters; now %s decides. If that"
                + " Java was 17 to 23, text around %s may be split into other tokens than before.").formatted(name, now, list(later)));
        }
    }

    private boolean differFrom(Tokenizer tokenizer) {
        return !began.equals(tokenizer.unicode());
    }

    private static String list(TreeSet<Integer> codePoints) {
        String some = codePoints.stream().limit(MOST_LISTED).map("U+%04X"::formatted).collect(Collectors.joining(", "));
        int more = codePoints.size() - MOST_LISTED;
        return more <= 0 ? some : some + " and " + Printable.counted(more, "more character");
    }
}
