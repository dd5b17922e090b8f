/**
 * Turns text into ids and back. Start with {@link inkling.tokenizer.Tokenizer}. This package has the character tokenizer, the code that all
 * tokenizers share, and the ids that begin and end a text. Below it, {@code split} normalizes text and cuts it into pieces, {@code bpe}
 * encodes pieces and learns how from a text, and {@code decode} turns tokens into text. {@code huggingface} reads and writes Hugging Face's
 * files.
 * {@code gguf} converts tokenizers to llama.cpp's vocabularies and back.
 * This package and those below it must not know arrays or models.
 */
package inkling.tokenizer;
