/**
 * How good a model is at tasks with known answers, as lm-evaluation-harness counts them: multiple choice, and the last word of a passage.
 * Start with {@link inkling.tasks.TaskEvaluation}; {@link inkling.tasks.TaskRecords} reads the published files.
 * It must not know commands or training.
 */
package inkling.tasks;
