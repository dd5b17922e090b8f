package inkling.tokenizer;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The ids that begin and end a text: for prompts, for documents in training and evaluation, and for answers in a chat.
 *
 * @param beginning the ids that are put once before every text; none with most vocabularies ({@link Tokenizer#beginning})
 * @param start the id that stands for an empty prompt: the model's {@code bos_token_id} if the vocabulary has it, else {@code between}
 * @param between the id between documents. It also ends an answer in Inkling's own chat format. It is {@code <|endoftext|>} if the
 *     vocabulary has that, else the tokenizer's own {@code eos_token}, else the first of {@code ends} that is in the vocabulary
 * @param ends the ids that end a generated text, in the order in which the files name them, each once
 */
public record SpecialIds(List<Integer> beginning, OptionalInt start, OptionalInt between, List<Integer> ends) {
    /** No id begins or ends a text: for a model with neither settings nor a tokenizer, or if each prompt has special ids of its own. */
    public static final SpecialIds NONE = new SpecialIds(List.of(), OptionalInt.empty(), OptionalInt.empty(), List.of());

    public SpecialIds {
        beginning = List.copyOf(beginning);
        ends = List.copyOf(ends);
    }

    /** As {@link #of(Optional, OptionalInt, List)}, for a model without settings. */
    public static SpecialIds of(Tokenizer tokenizer) {
        return of(Optional.of(tokenizer), OptionalInt.empty(), List.of());
    }

    /**
     * The ids that a model's settings and its tokenizer name.
     *
     * @param begin the model's {@code bos_token_id}
     * @param ends the model's {@code eos_token_id}s, in order. The tokenizer's {@code eos_token} is added to them. If neither model nor
     *     tokenizer names an id, {@code <|endoftext|>} ends a text
     */
    public static SpecialIds of(Optional<Tokenizer> tokenizer, OptionalInt begin, List<Integer> ends) {
        OptionalInt endOfText = tokenizer.map(Tokenizer::endOfText).orElse(OptionalInt.empty());
        OptionalInt own = tokenizer.map(Tokenizer::endToken).orElse(OptionalInt.empty());
        Set<Integer> all = new LinkedHashSet<>(ends);
        own.ifPresent(all::add);
        if (all.isEmpty()) {
            endOfText.ifPresent(all::add);
        }
        int size = tokenizer.map(Tokenizer::vocabSize).orElse(Integer.MAX_VALUE);
        OptionalInt first = all.stream().mapToInt(id -> id).filter(id -> id >= 0 && id < size).findFirst();
        OptionalInt between = or(endOfText, or(own, first));
        OptionalInt start = or(begin.stream().filter(id -> id >= 0 && id < size).findFirst(), between);
        return new SpecialIds(tokenizer.map(Tokenizer::beginning).orElse(List.of()), start, between, List.copyOf(all));
    }

    /** The ids by the rule of version 0.1: {@code <|endoftext|>}, or none without it. Runs that version 0.1 began keep this rule. */
    public static SpecialIds ofFirstVersion(Tokenizer tokenizer) {
        OptionalInt end = tokenizer.endOfText();
        return new SpecialIds(List.of(), end, end, end.isPresent() ? List.of(end.getAsInt()) : List.of());
    }

    /** The same, with {@code more} added to the ids that end a text. */
    public SpecialIds withEnds(int... more) {
        Set<Integer> all = new LinkedHashSet<>(ends);
        Arrays.stream(more).forEach(all::add);
        return new SpecialIds(beginning, start, between, List.copyOf(all));
    }

    /** Puts {@link #beginning} before ids that do not begin with it: 71, 72 become 256, 71, 72 if {@code beginning} is 256. */
    public int[] withBeginning(int[] ids) {
        int length = beginning.size();
        boolean hasIt = ids.length >= length && IntStream.range(0, length).allMatch(i -> ids[i] == beginning.get(i));
        return hasIt ? ids : IntStream.concat(beginning.stream().mapToInt(id -> id), Arrays.stream(ids)).toArray();
    }

    private static OptionalInt or(OptionalInt first, OptionalInt second) {
        return first.isPresent() ? first : second;
    }
}
