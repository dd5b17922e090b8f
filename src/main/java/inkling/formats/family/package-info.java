/**
 * A class for each model family, which translates its keys and tensor names to {@code GptConfig} and our layout, and back.
 * Start with {@link inkling.formats.family.ModelFormat}, then {@code LlamaKin}, which most families extend. Each key is read, known to be
 * harmless, turned off by its value, or refused by name. The package has 21 files besides this one,
 * because each of the fifteen families has one of its own.
 * This package must not know whole directories.
 */
package inkling.formats.family;
