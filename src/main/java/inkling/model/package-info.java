/**
 * THE model. Start with {@link inkling.model.Gpt} and read that class from top to bottom. {@link inkling.model.GptLayout} says which arrays
 * a model stores. Other classes are its layers, adapters, key/value cache, single-token pass and probes. The package {@code config}
 * describes architectures, and {@code grad} computes gradients. This package must not know text, files or optimizers.
 * Its 18 files (besides this one) stay together: with a sub-package, internal classes such as {@code Layers} would have to be public.
 */
package inkling.model;
