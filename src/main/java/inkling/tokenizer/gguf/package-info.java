/**
 * Turns a tokenizer into the keys {@code tokenizer.ggml.*} of a GGUF file, which llama.cpp reads, and back.
 * Start with {@link inkling.tokenizer.gguf.GgufVocabulary}, which writes the keys; {@link inkling.tokenizer.gguf.GgufTokenizer}
 * makes a tokenizer.json from them. Source: {@code docs/gguf.md} of ggml, {@code llama-vocab.cpp} of llama.cpp.
 * It must not know the model to which the tokens belong.
 */
package inkling.tokenizer.gguf;
