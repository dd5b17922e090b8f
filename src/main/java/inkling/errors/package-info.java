/**
 * Faults, in words for the user: exceptions with their exit codes, several broken rules told at once, file errors
 * explained, text made safe to print. Start with {@link inkling.errors.InklingException}.
 * This package must not know any other package.
 */
package inkling.errors;
