/**
 * A model as a GGUF file, and back: which of llama.cpp's architectures it is, its keys and its tensors.
 * Start with {@link inkling.formats.gguf.GgufArchitecture}. A file's keys are translated to the config.json of a model family.
 * This package must not know how a tokenizer works, nor in which directories models are.
 */
package inkling.formats.gguf;
