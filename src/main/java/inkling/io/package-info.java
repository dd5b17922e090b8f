/**
 * Files that survive a crash: written whole or not at all ({@link inkling.io.DurableFiles}, start here), one writer at a time in a
 * directory, a manifest of what a directory holds. The packages {@code text}, {@code json}, {@code tensors} (safetensors)
 * and {@code gguf} inside it read strictly.
 * It must not know what the bytes mean: no model, no array.
 */
package inkling.io;
