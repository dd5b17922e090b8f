/**
 * What a checkpoint is ({@link inkling.checkpoint.Checkpoint}, start here: its list of files) and where a run keeps them
 * ({@link inkling.checkpoint.CheckpointStore}).
 * It must not know the training loop.
 */
package inkling.checkpoint;
