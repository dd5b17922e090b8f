/**
 * A model as a directory of files that other programs read. Start with {@link inkling.formats.ModelDirectory};
 * {@link inkling.formats.HuggingFaceExport} writes one. Below it: {@code family} has one class a model family, {@code keys} the
 * keys that families share, {@code tensors} arrays to and from a file, {@code gguf} llama.cpp's architectures, {@code peft} adapters.
 * It must not know training.
 */
package inkling.formats;
