/**
 * Words as points: neighbours, sums of vectors, principal components.
 * Start with {@link inkling.inspect.embedding.EmbeddingSpace}.
 * It must not know pages.
 */
package inkling.inspect.embedding;
