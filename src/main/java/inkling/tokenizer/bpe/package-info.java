/**
 * Byte-pair encoding: the encoder, its vocabulary, its training.
 * Start with {@link inkling.tokenizer.bpe.BpeTokenizer}.
 * It must not read the vocabularies of other programs from files: {@code huggingface} and {@code gguf} do that.
 * It has 17 files because encoding, added tokens, reading merges and training share package-private tables.
 */
package inkling.tokenizer.bpe;
