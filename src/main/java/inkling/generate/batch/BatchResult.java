package inkling.generate.batch;

import inkling.generate.Generation;

/**
 * A prompt's samples, and how many of its first tokens the model had already read for another text.
 *
 * @param reusedTokens how many of the prompt's tokens were not read, because their keys and values were reused
 */
public record BatchResult(Generation generation, int reusedTokens) {}
