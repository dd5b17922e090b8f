/**
 * A model as a directory of files that other programs read. Start with {@link inkling.formats.ModelDirectory};
 * {@link inkling.formats.HuggingFaceExport} writes such a directory. The package {@code family} has a class for each model family.
 * Of the others, {@code keys} reads the keys that families share, and {@code tensors} copies arrays. Llama.cpp's architectures are in
 * {@code gguf}, adapters in {@code peft}.
 * It must not know training.
 */
package inkling.formats;
