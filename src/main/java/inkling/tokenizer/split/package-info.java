/**
 * Normalizes text and splits it into pieces. Merges never cross from one piece to the next. GPT-2's pattern is written out by hand.
 * All other patterns run in {@link inkling.tokenizer.split.RegexSplit}. Start with {@link inkling.tokenizer.split.PreTokenizer}.
 * This package must not ask Java what a letter is: it has a Unicode table of its own (docs/decisions/0015).
 */
package inkling.tokenizer.split;
