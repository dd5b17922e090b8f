/**
 * THE model: {@link inkling.model.Gpt}, read it from top to bottom. Beside it what it stores ({@link inkling.model.GptLayout}), adapters,
 * the cache and the single-token pass, and how to look in ({@link inkling.model.Probe}). Below it: {@code config}, {@code grad}.
 * It must not know text, files or optimizers.
 */
package inkling.model;
