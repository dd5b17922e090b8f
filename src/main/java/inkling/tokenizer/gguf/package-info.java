/**
 * Turns a tokenizer into the keys {@code tokenizer.ggml.*} of a GGUF file, which llama.cpp reads, and back.
 * Start with {@link inkling.tokenizer.gguf.GgufVocabulary}, which has the keys; {@link inkling.tokenizer.gguf.GgufTokenizer}
 * takes a tokenizer.json from them, or makes one. Source: {@code docs/gguf.md} of ggml, {@code llama-vocab.cpp} of llama.cpp.
 * Of the model to which the tokens belong, it must not know more than its name and the name of its architecture.
 */
package inkling.tokenizer.gguf;
