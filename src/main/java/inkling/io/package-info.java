/**
 * Writes files that survive a crash: each is written whole or not at all. Start with {@link inkling.io.DurableFiles}. A lock lets only one
 * process at a time write in a directory, and a manifest lists a directory's files. The packages below ({@code text}, {@code json},
 * {@code tensors} for safetensors, {@code gguf}) each read one kind of file strictly; all but {@code text} also write it.
 * This package must not know what the bytes mean: neither models nor the engine's arrays.
 */
package inkling.io;
