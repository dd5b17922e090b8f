/**
 * Makes {@link inkling.data.Batch batches} of shape (B, T) from token ids. Start with {@link inkling.data.Batches}. The package also has
 * token files, evaluation windows and prefetching. Its sub-packages {@code source} and {@code chat} read text and conversations.
 * This package must not know NDArrays or models.
 */
package inkling.data;
