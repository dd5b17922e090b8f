/**
 * Words as points: neighbours, sums of vectors, principal components.
 * Start with {@link inkling.inspect.embedding.EmbeddingSpace}.
 * This package must not know the pages that show them.
 */
package inkling.inspect.embedding;
