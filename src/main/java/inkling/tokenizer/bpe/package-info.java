/**
 * Byte-pair encoding: the encoder, its vocabulary, its training.
 * Start with {@link inkling.tokenizer.bpe.BpeTokenizer}.
 * This package must not read vocabularies from files of other programs: {@code huggingface} and {@code gguf} do that. GPT-2's
 * vocabulary comes from a library. {@link inkling.tokenizer.bpe.TokenizerSettings} reads the files that stand beside a vocabulary. The
 * package has 17 files besides this one because encoding, added tokens, reading merges and training share package-private tables.
 */
package inkling.tokenizer.bpe;
