package inkling.tasks;

import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An item as token ids.
 *
 * @param endings the windows of each ending; the scored tokens of an ending's windows together are the tokens of the ending
 */
record Question(Item item, List<List<Window>> endings) {
    /**
     * Consecutive tokens of a text. The last {@code scored} of them are scored.
     *
     * @param ids at most one token more than the model's context, since the last token is only predicted
     * @param cut whether the text has tokens before this window
     */
    record Window(int[] ids, int scored, boolean cut) {}

    Question {
        endings = List.copyOf(endings);
    }

    /**
     * Encodes an item as lm-evaluation-harness does: white space at the end of the context is moved to the ending. Context and ending are
     * encoded together. If the context alone has n tokens, the ending's tokens are those after the first n. An ending of more than
     * {@code contextLength} tokens is scored in several windows. Only the window where the ending begins also reads the end of the context.
     *
     * @param contextLength how many tokens the model reads at most
     * @throws ModelFormatException if the vocabulary lacks characters of the item, or lacks a token to begin an empty context with. Also if
     *     an ending has no token of its own
     */
    static Question of(Item item, Tokenizer tokenizer, SpecialIds special, int contextLength) {
        List<List<Window>> endings = new ArrayList<>();
        try {
            for (Item.Ending ending : item.endings()) {
                endings.add(windows(item, ending.text(), tokenizer, special, contextLength));
            }
        } catch (ConfigException e) {   // characters that a vocabulary lacks
            throw new ModelFormatException("%s: %s".formatted(item.source(), e.getMessage()), e);
        }
        return new Question(item, endings);
    }

    private static List<Window> windows(Item item, String ending, Tokenizer tokenizer, SpecialIds special, int contextLength) {
        String context = item.context().stripTrailing();
        String moved = item.context().substring(context.length()) + ending;
        int[] before = special.withBeginning(context.isEmpty() ? new int[0] : tokenizer.encode(context));
        int[] whole = special.withBeginning(tokenizer.encode(context + moved));
        if (before.length == 0) {
            before = new int[] {special.start().orElseThrow(() -> new ModelFormatException(
                "%s: the context is empty, and the vocabulary has no token to begin a text with.".formatted(item.source())))};
            whole = concat(before, whole);
        }
        if (whole.length <= before.length) {
            throw new ModelFormatException("%s: the ending \"%s\" has no token of its own after its context.".formatted(item.source(),
                ending));
        }
        int[] ids = concat(before, Arrays.copyOfRange(whole, before.length, whole.length));
        List<Window> windows = new ArrayList<>();
        for (int end = ids.length; end > before.length; ) {
            int from = Math.max(0, end - contextLength - 1);
            int first = Math.max(before.length, from + 1);
            windows.add(new Window(Arrays.copyOfRange(ids, from, end), end - first, from > 0));
            end = first;
        }
        return windows;
    }

    private static int[] concat(int[] a, int[] b) {
        int[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
