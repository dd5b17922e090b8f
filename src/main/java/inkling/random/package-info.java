/**
 * Random numbers that are a function of a seed, the same on every machine and Java version.
 * Start with {@link inkling.random.SplitMix64}, which batches, samples and the engine's seeds use.
 * It must not know what the numbers are for.
 */
package inkling.random;
