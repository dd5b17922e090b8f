/**
 * A model as a directory of files that other programs read. Start with {@link inkling.formats.ModelDirectory};
 * {@link inkling.formats.HuggingFaceExport} writes such a directory. In the packages below, {@code family} has a class for each model
 * family, and {@code keys} reads the keys that families share. {@code tensors} copies arrays, {@code gguf} has llama.cpp's architectures,
 * and {@code peft} has adapters.
 * It must not know training.
 */
package inkling.formats;
