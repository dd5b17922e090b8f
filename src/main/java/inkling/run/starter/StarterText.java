package inkling.run.starter;

import inkling.data.chat.Conversations;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig.Format;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * The facts about a text from which the values of a first run are chosen.
 *
 * @param paths as {@code data.train} names them
 * @param characters code points in all
 * @param alphabet how many different characters
 * @param hasNewline whether the text has a line break
 * @param beginning the text from its first character that is not white space, cut after some {@value #BEGINNING_CHARACTERS} characters
 */
public record StarterText(List<String> paths, Format format, long characters, int alphabet, boolean hasNewline, String beginning) {
    private static final int BEGINNING_CHARACTERS = 8;

    public StarterText {
        paths = List.copyOf(paths);
    }

    /**
     * Reads the whole text.
     *
     * @param remarks receives what the user should know about the files of a text, e.g. that one was converted from UTF-16
     * @throws inkling.errors.ConfigException if there is no such file, a file or record is not readable in this format, there is only
     *     white space in all files together (not checked for conversations), or {@code format} is that of pairs of answers
     */
    public static StarterText read(List<String> paths, Format format, Consumer<String> remarks) {
        Count count = new Count();
        if (format == Format.PREFERENCES) {
            throw new ConfigException(("%s holds pairs of answers: preference tuning begins from a model that answers already, "
                + "so there is no"
                + " first run file for it. docs/fine-tuning.md has one to begin from.").formatted(String.join(", ", paths)));
        }
        if (format == Format.MESSAGES) {
            Conversations.texts(paths, Reading.PRESENT).forEach(count::add);
        } else {
            Corpus corpus = Corpus.open(paths, format);
            corpus.remarks().forEach(remarks);
            corpus.whole().pieces(count::add);
        }
        return new StarterText(paths, format, count.characters, count.seen.cardinality(), count.seen.get('\n'), count.beginning.toString());
    }

    private static final class Count {
        private final BitSet seen = new BitSet();
        private final StringBuilder beginning = new StringBuilder();
        private long characters;

        void add(String piece) {
            piece.codePoints().forEach(c -> {
                seen.set(c);
                if (beginning.length() < BEGINNING_CHARACTERS && (!Character.isWhitespace(c) || !beginning.isEmpty())) {
                    beginning.appendCodePoint(c);
                }
            });
            characters += piece.codePointCount(0, piece.length());
        }
    }
}
