/**
 * Turns text into ids and back. Start with {@link inkling.tokenizer.Tokenizer}. Here are the character tokenizer, what all kinds share,
 * and the ids that begin and end a text. Below it: {@code split} cuts text into pieces, {@code bpe} merges, {@code decode} turns tokens
 * into text, {@code huggingface} reads and writes its files, {@code gguf} converts to and from the vocabularies of llama.cpp.
 * It must not know arrays or models.
 */
package inkling.tokenizer;
