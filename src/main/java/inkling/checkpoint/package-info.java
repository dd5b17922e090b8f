/**
 * The files of a checkpoint ({@link inkling.checkpoint.Checkpoint}, start here) and the directories in which a run keeps its checkpoints
 * ({@link inkling.checkpoint.CheckpointStore}).
 * This package must not know the training loop.
 */
package inkling.checkpoint;
