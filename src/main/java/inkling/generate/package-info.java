/**
 * Logits → distribution → token → text, again and again. Start with {@link inkling.generate.Generator}. Only
 * {@link inkling.generate.GptLogits} and the classes that own one use a model's arrays; the others work on plain Java arrays.
 * Below it: {@code batch} continues many texts of different lengths in shared passes. It must not know files.
 * It has 23 files because making one token takes most of them: no group of them would be a theme of its own.
 */
package inkling.generate;
