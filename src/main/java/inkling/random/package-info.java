/**
 * Random numbers that depend on a seed alone: they are the same on every machine and Java version.
 * Start with {@link inkling.random.SplitMix64}, which batches, samples and the engine's seeds use.
 * This package must not know what the numbers are for.
 */
package inkling.random;
