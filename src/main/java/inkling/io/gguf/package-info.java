/**
 * GGUF, the file format of llama.cpp: keys with values, then tensors, read and written tensor by tensor.
 * Start with {@link inkling.io.gguf.GgufFile} and {@link inkling.io.gguf.GgufWriter}.
 * This package must not know what a key or a tensor means to a model.
 */
package inkling.io.gguf;
