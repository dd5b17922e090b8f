/**
 * Makes {@link inkling.data.Batch batches} of shape (B, T) from token ids. Start with {@link inkling.data.Batches}. The package also has
 * token files, evaluation windows and prefetching; the packages inside it, {@code source} and {@code chat}, read text and conversations.
 * It must not know arrays or models.
 */
package inkling.data;
