package inkling.generate.batch;

import inkling.generate.Generation;

/**
 * A prompt's samples, and how much of the prompt had been read for another text before.
 *
 * @param reusedTokens how many of the prompt's tokens were not read, because their keys and values were reused
 */
public record BatchResult(Generation generation, int reusedTokens) {}
