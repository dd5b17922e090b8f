/**
 * Logits → distribution → token → text, again and again. Start with {@link inkling.generate.Generator}; everything but
 * {@link inkling.generate.GptLogits} and {@link inkling.generate.GenerationSession} works on plain Java arrays. Below
 * it: {@code batch} steps many texts of different lengths in one pass. It must not know files. One token's way goes through most of
 * its 23 files; none is a theme of its own.
 */
package inkling.generate;
