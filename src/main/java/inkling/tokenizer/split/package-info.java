/**
 * Normalizes text and splits it into pieces, whose borders merges never cross. GPT-2's pattern is written out by hand. All other patterns
 * run in {@link inkling.tokenizer.split.RegexSplit}. Start with {@link inkling.tokenizer.split.PreTokenizer}.
 * It must not ask Java what a letter is: it has a Unicode table of its own (docs/decisions/0015).
 */
package inkling.tokenizer.split;
