/**
 * A model as a directory of files that other programs read. Start with {@link inkling.formats.ModelDirectory};
 * {@link inkling.formats.HuggingFaceExport} writes one. Below it, {@code family} has a class for each model family, {@code keys} reads
 * the keys that families share, {@code tensors} copies arrays, {@code gguf} has llama.cpp's architectures, {@code peft} adapters.
 * It must not know training.
 */
package inkling.formats;
