/**
 * A model as a directory of files that other programs read. Start with {@link inkling.formats.ModelDirectory};
 * {@link inkling.formats.HuggingFaceExport} writes one. Below it: {@code family} has one class a model family, {@code peft} adapters.
 * It may not know training.
 */
package inkling.formats;
