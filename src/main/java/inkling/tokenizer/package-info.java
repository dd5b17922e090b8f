/**
 * Text ↔ ids. Start with {@link inkling.tokenizer.Tokenizer}; here are characters, what all kinds share, and which ids begin and end
 * a text. Below it: {@code split} cuts text into words, {@code bpe} merges, {@code huggingface} reads files.
 * It must not know arrays or models.
 */
package inkling.tokenizer;
