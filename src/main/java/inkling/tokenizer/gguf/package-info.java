/**
 * Turns a tokenizer into the keys {@code tokenizer.ggml.*} of a GGUF file, which llama.cpp reads, and back.
 * Start with {@link inkling.tokenizer.gguf.GgufVocabulary}, which has the keys. {@link inkling.tokenizer.gguf.GgufTokenizer}
 * reads the tokenizer.json that the file contains, or else makes one from the keys. Source: {@code docs/gguf.md} of ggml,
 * {@code llama-vocab.cpp} of llama.cpp.
 * This package must not know more of the model than the model's name and the name of its architecture.
 */
package inkling.tokenizer.gguf;
