package inkling.generate.batch;

import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.tokenizer.SpecialIds;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A prompt to continue together with others.
 *
 * @param ids each from 0 to V − 1; none for an empty text
 * @param special which id the model reads for an empty prompt, and which ids end the samples. The ids of a chat may differ from those of a
 *     text. If empty, the session's ids are used
 * @param listener called on the thread that calls {@link BatchSession#step} or {@link BatchSession#close}; it must not block
 * @param stop asked at the beginning of each {@link BatchSession#step}; once it returns true, the samples end with what they have
 * @param reuse whether keys and values of another text with the same beginning may be used. They may differ in the last bits from those
 *     that this prompt would get alone
 */
public record BatchPrompt(int[] ids, SamplingOptions options, Optional<SpecialIds> special, Generator.Listener listener,
                          BooleanSupplier stop, Reuse reuse) {
    /** Whether a prompt may use keys and values that were computed for another. */
    public enum Reuse { ALLOWED, NONE }

    /** A prompt without a listener and without a stop supplier, with {@link Reuse#ALLOWED}. */
    public static BatchPrompt of(int[] ids, SamplingOptions options) {
        return new BatchPrompt(ids, options, Optional.empty(), Generator.Listener.NONE, () -> false, Reuse.ALLOWED);
    }
}
