/**
 * A tokenizer as keys of a GGUF file, and back: {@code tokenizer.ggml.*}, which llama.cpp reads.
 * Start with {@link inkling.tokenizer.gguf.GgufVocabulary}, which writes them; {@link inkling.tokenizer.gguf.GgufTokenizer} makes a
 * tokenizer.json of them. Source: {@code docs/gguf.md} of ggml, {@code llama-vocab.cpp} of llama.cpp.
 * It must not know the model that the tokens belong to.
 */
package inkling.tokenizer.gguf;
