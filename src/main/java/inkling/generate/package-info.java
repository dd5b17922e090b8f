/**
 * Logits → distribution → token → text, again and again. Start with {@link inkling.generate.Generator}. Only
 * {@link inkling.generate.GptLogits} and the classes that own a {@code GptLogits} use a model's arrays; the others work on plain Java
 * arrays. Below this package, {@code batch} continues many texts of different lengths in shared passes. This package must not know files.
 * The package has 23 files besides this one because most of them are needed to make one token: no group of them has a theme of its own.
 */
package inkling.generate;
