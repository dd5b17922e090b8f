/**
 * Many prompts, one model. {@link inkling.serve.batch.Batcher} (start here) is the thread that owns the model and generates texts side by
 * side. {@link inkling.serve.batch.Work} is one prompt to continue. {@link inkling.serve.batch.Receiver} takes its results. This package
 * must not know HTTP, nor the API of any service.
 */
package inkling.serve.batch;
