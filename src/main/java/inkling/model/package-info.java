/**
 * THE model: start with {@link inkling.model.Gpt} and read it from top to bottom. Beside it: what a model stores
 * ({@link inkling.model.GptLayout}), its layers, adapters, the cache, the single-token pass, probes. Below it: {@code config},
 * {@code grad}. It must not know text, files or optimizers. Its 18 files are one thing: the model, and what it hands from block to block.
 */
package inkling.model;
