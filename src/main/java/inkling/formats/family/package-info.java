/**
 * One class a model family: its keys and tensor names ↔ {@code GptConfig} and our layout.
 * Start with {@link inkling.formats.family.ModelFormat}; a key is read, known to be harmless, or refused by name.
 * It may not know whole directories.
 */
package inkling.formats.family;
