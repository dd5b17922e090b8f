/**
 * Normalizes text and splits it into the pieces that merges never cross: GPT-2's pattern by hand, all others by
 * {@link inkling.tokenizer.split.RegexSplit}. Start with {@link inkling.tokenizer.split.PreTokenizer}.
 * It must not ask Java what a letter is: it has a Unicode table of its own (docs/decisions/0015).
 */
package inkling.tokenizer.split;
