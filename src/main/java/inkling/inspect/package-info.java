/**
 * Views of what happens inside a model or during a run, as values: attention, the logit lens, traces, comparisons, the history of a run.
 * Start with {@link inkling.inspect.ForwardTrace}. Of the packages below this one, {@code metrics} reads metrics.csv while it grows,
 * {@code embedding} has vectors and their neighbours, and {@code page} makes HTML pages.
 * This package must not know run directories or commands.
 */
package inkling.inspect;
