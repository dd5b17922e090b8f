/**
 * Measures a model at tasks with known answers, as lm-evaluation-harness does: multiple choice, and the last word of a passage.
 * Start with {@link inkling.tasks.TaskEvaluation}; {@link inkling.tasks.TaskRecords} reads the tasks' files.
 * This package must not know commands or training.
 */
package inkling.tasks;
