package inkling.inspect.embedding;

import inkling.errors.ConfigException;
import inkling.errors.DidYouMean;
import inkling.inspect.embedding.EmbeddingSpace.Word;
import inkling.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Finds the point of an {@link EmbeddingSpace} for a word as a person types it. */
@FunctionalInterface
public interface WordLookup {
    /** What to do with a word that the tokenizer splits: refuse it and show how it splits, or take the mean of its tokens. */
    enum SeveralTokens { REFUSE, MEAN }

    /**
     * The point that {@code text} names; {@link Word#reading} tells which token or tokens the text was read as.
     *
     * @throws ConfigException if there is no such point; the message suggests similar spellings if there are any, or shows how the
     *     tokenizer splits the word
     */
    Word find(String text);

    /** For files of word vectors: finds a word only if it is spelled exactly as in the file. */
    static WordLookup exact(EmbeddingSpace space) {
        return text -> {
            OptionalInt row = space.row(text);
            if (row.isEmpty()) {
                throw new ConfigException("%s is not among the %d words.%s".formatted(text, space.size(), suggestion(space, text)));
            }
            return space.word(text, row.getAsInt());
        };
    }

    /**
     * For the matrices of a model, whose rows are the ids of {@code tokenizer}.
     *
     * <p>In a byte-level vocabulary, the token of a word includes the space before the word, written {@code Ġ}. So {@code king} is read as
     * the token {@code Ġking} if there is one. Otherwise it is read as the token {@code king}, if there is one; that token is often the end
     * of a longer word. {@code " king"} and {@code Ġking} are never read as the token {@code king}.
     */
    static WordLookup tokenized(EmbeddingSpace space, Tokenizer tokenizer, SeveralTokens severalTokens) {
        boolean spaceBelongsToTheWord = space.row("Ġ").isPresent();
        return text -> {
            if (text.isEmpty()) {
                throw new ConfigException("A word must not be empty.");
            }
            int[] inText = tokenizer.encodePlain(spaceBelongsToTheWord && !text.startsWith(" ") ? " " + text : text);
            if (inText.length == 1) {
                return space.word(text, inText[0]);
            }
            int[] alone = tokenizer.encodePlain(text);
            if (alone.length == 1) {
                return space.word(text, alone[0]);
            }
            OptionalInt row = space.row(text);
            if (row.isPresent()) {
                return space.word(text, row.getAsInt());
            }
            if (severalTokens == SeveralTokens.REFUSE) {
                String pieces = Arrays.stream(inText).mapToObj(tokenizer::token).collect(Collectors.joining(" "));
                throw new ConfigException(("%s is %d tokens to this model (%s), not one point. Ask for their mean (--mean), or choose a"
                    + " word that is one token.").formatted(text, inText.length, pieces));
            }
            return space.word(text, inText);
        };
    }

    private static String suggestion(EmbeddingSpace space, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.equals(text) && space.row(lower).isPresent()) {
            return " Did you mean %s? The spelling must match exactly.".formatted(lower);
        }
        int limit = text.length() < 4 ? 1 : 2;
        List<String> near = space.tokens().stream()
            .filter(token -> Math.abs(token.length() - text.length()) <= limit && DidYouMean.distance(token, text) <= limit)
            .sorted(Comparator.comparingInt((String token) -> DidYouMean.distance(token, text)))
            .limit(3).toList();
        return near.isEmpty() ? "" : " Did you mean %s?".formatted(String.join(", ", near));
    }
}
