/**
 * A model as a directory of files that other programs read. Start with {@link inkling.formats.ModelDirectory};
 * {@link inkling.formats.HuggingFaceExport} writes such a directory. The package {@code family} has a class for each model family,
 * and {@code keys} reads the keys that families share. The package {@code tensors} copies arrays. The others are {@code gguf}, with
 * llama.cpp's architectures, and {@code peft}, with adapters.
 * This package must not know training.
 */
package inkling.formats;
