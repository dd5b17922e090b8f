package inkling.generate.batch;

import inkling.generate.Generation;

/**
 * What became of a prompt.
 *
 * @param reusedTokens of the prompt, whose keys and values were there already
 */
public record BatchResult(Generation generation, int reusedTokens) {}
