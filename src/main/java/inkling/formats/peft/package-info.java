/**
 * Low-rank adapters in the files of Hugging Face's PEFT.
 * Start with {@link inkling.formats.peft.PeftAdapter}.
 * This package must not know whole model directories.
 */
package inkling.formats.peft;
