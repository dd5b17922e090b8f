/**
 * Hugging Face's tokenizer files ↔ our tokenizers.
 * Start with {@link inkling.tokenizer.huggingface.TokenizerFiles}, then {@link inkling.tokenizer.huggingface.TokenizerJson}.
 * What a file says and it does not know, it refuses by name. It must not know model directories.
 */
package inkling.tokenizer.huggingface;
