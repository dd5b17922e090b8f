/**
 * Many texts under way at once, each of its own length, that share every pass through the model. Start with
 * {@link inkling.generate.batch.BatchSession}; {@link inkling.generate.batch.Sequences} is what it reads through.
 * It must not know where prompts come from, nor start a thread.
 */
package inkling.generate.batch;
