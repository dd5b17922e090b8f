/**
 * Files that survive a crash: written whole or not at all ({@link inkling.io.DurableFiles}, start here), by one process at a time in a
 * directory, with a manifest that lists a directory's files. The packages below ({@code text}, {@code json}, {@code tensors} for
 * safetensors, {@code gguf}) each read one format strictly.
 * It must not know what the bytes mean: no model, no array.
 */
package inkling.io;
