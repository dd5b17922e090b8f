/**
 * One class a model family: its keys and tensor names ↔ {@code GptConfig} and our layout.
 * Start with {@link inkling.formats.family.ModelFormat}, then {@code LlamaKin}, which most families extend; a key is read, known to be
 * harmless, or refused by name. 21 files, because each of the fifteen families has one of its own.
 * It must not know whole directories.
 */
package inkling.formats.family;
