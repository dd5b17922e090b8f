/**
 * Byte-pair encoding: the encoder, its vocabulary, its training.
 * Start with {@link inkling.tokenizer.bpe.BpeTokenizer}.
 * It must not know files of other programs: {@code huggingface} reads those.
 * Its 17 files are the one way from text to ids, and the training of its merges.
 */
package inkling.tokenizer.bpe;
