/**
 * Many requests, one model: {@link inkling.serve.batch.Batcher} (start here) is the thread that owns the model and steps all sequences
 * together; {@link inkling.serve.batch.Work} is one prompt to continue, {@link inkling.serve.batch.Receiver} takes its results.
 * It must not know HTTP or anybody's API.
 */
package inkling.serve.batch;
