/**
 * THE model: start with {@link inkling.model.Gpt} and read it from top to bottom. Beside it: what a model stores
 * ({@link inkling.model.GptLayout}), adapters, the cache, the single-token pass, and probes. Below it: {@code config} and {@code grad}.
 * It must not know text, files or optimizers. Its 17 files are one thing: the model, and what it hands from block to block.
 */
package inkling.model;
