/**
 * Turns Hugging Face's tokenizer files into our tokenizers, and back.
 * Start with {@link inkling.tokenizer.huggingface.TokenizerFiles}, then {@link inkling.tokenizer.huggingface.TokenizerJson}.
 * An unknown setting of a tokenizer.json is refused by name. This package must not know a model's weights or configuration.
 */
package inkling.tokenizer.huggingface;
