/**
 * Turns text into ids and back. Start with {@link inkling.tokenizer.Tokenizer}. Here are the character tokenizer, what all kinds share,
 * and the ids that begin and end a text. Below it: {@code split} cuts text into pieces, {@code bpe} encodes pieces, {@code decode} turns
 * tokens into text, {@code huggingface} reads and writes Hugging Face's files, {@code gguf} converts to and from llama.cpp's vocabularies.
 * It must not know arrays or models.
 */
package inkling.tokenizer;
