/**
 * Token ids → {@link inkling.data.Batch} (B, T). Start with {@link inkling.data.Batches}; beside it token files, evaluation
 * windows and prefetch. Below it: {@code source} has text, {@code chat} conversations.
 * It must not know arrays or models.
 */
package inkling.data;
