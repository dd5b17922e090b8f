package inkling.generate;

import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.OptionalInt;

/**
 * Turns prompts into the ids that a model reads, refuses prompts that the model cannot read, and begins samples.
 *
 * @param special which ids are put before a prompt of text, which id the model reads for an empty prompt, and which ids end a sample
 * @param vocabSize V, the size of the model's vocabulary
 */
public record Prompts(TokenText tokenText, SpecialIds special, int vocabSize) {
    /** Encodes a prompt of text; it then begins with the ids that begin every text. @throws ModelFormatException without a tokenizer */
    public int[] ids(String prompt) {
        Tokenizer tokenizer = tokenText.tokenizer().orElseThrow(() -> new ModelFormatException(
            "A prompt of text needs a tokenizer, and the model directory has none. Give --tokenizer PATH, or --prompt-ids."));
        return special.withBeginning(tokenizer.encode(prompt));
    }

    /**
     * Checks the ids that the model is to read, and returns a copy of them. For an empty prompt, returns the one id that the model reads in
     * its place.
     *
     * @throws ConfigException if an id is not from 0 to V − 1, or if the prompt is empty and no id can replace it
     *     ({@link SpecialIds#start})
     * @throws ModelFormatException if there are stop strings, but no tokenizer
     */
    public int[] checked(int[] promptIds, SamplingOptions options) {
        if (!options.stop().isEmpty() && tokenText.tokenizer().isEmpty()) {
            throw new ModelFormatException("A stop string needs a tokenizer, and the model directory has none. Give --tokenizer PATH.");
        }
        for (int i = 0; i < promptIds.length; i++) {
            if (promptIds[i] < 0 || promptIds[i] >= vocabSize) {
                throw new ConfigException("Prompt id %d (number %d of %d) is not in the vocabulary: ids are 0 to %d."
                    .formatted(promptIds[i], i + 1, promptIds.length, vocabSize - 1));
            }
        }
        if (promptIds.length > 0) {
            return promptIds.clone();
        }
        OptionalInt start = special.start();
        if (start.isEmpty() || start.getAsInt() >= vocabSize) {
            throw new ConfigException("The prompt is empty, and this vocabulary has no <|endoftext|> to start from:"
                + " give at least one character, e.g. --prompt \"The\".");
        }
        return new int[] {start.getAsInt()};
    }

    /** Begins sample {@code number} (from 0), which has no token yet. @param prompt as {@link #checked} returned it */
    public SampleInProgress begin(int number, int[] prompt, SamplingOptions options, Generator.Listener listener) {
        return new SampleInProgress(number, prompt, options, this, listener);
    }
}
