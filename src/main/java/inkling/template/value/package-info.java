/**
 * The values that a template computes with, and what Python does with them: truth, equality, order, arithmetic, printing.
 * Start with {@link inkling.template.value.Text}, a string that knows which of its characters came from the template.
 * This package must not know filters, expressions or the syntax of a template.
 */
package inkling.template.value;
