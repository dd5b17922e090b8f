/**
 * Continues many texts of different lengths at once, in shared passes through the model. Start with
 * {@link inkling.generate.batch.BatchSession}; {@link inkling.generate.batch.Sequences} makes the passes. In such
 * passes, {@link inkling.generate.batch.DraftSession} continues one text at a time, with a draft model.
 * This package must not know where prompts come from, nor start a thread.
 */
package inkling.generate.batch;
