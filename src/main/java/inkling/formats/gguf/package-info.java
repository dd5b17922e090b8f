/**
 * A model as a GGUF file, and back: which of llama.cpp's architectures it is, its keys and its tensors.
 * Start with {@link inkling.formats.gguf.GgufArchitecture}. The model family of the same name says what a key means.
 * It must not know how a tokenizer works, nor where models lie.
 */
package inkling.formats.gguf;
