/**
 * Many requests, one model: {@link inkling.serve.batch.Batcher} (start here) is the thread that owns the model and steps all sequences
 * together; {@link inkling.serve.batch.Work} is what it is asked for, {@link inkling.serve.batch.Receiver} takes what it makes.
 * It must not know HTTP or anybody's API.
 */
package inkling.serve.batch;
