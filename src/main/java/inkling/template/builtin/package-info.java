/**
 * What Jinja and Python have built in: filters, tests, functions, and the methods of strings, dicts, lists and tuples.
 * Start with {@link inkling.template.builtin.Filters}.
 * This package must not know expressions, variables or the syntax of a template.
 */
package inkling.template.builtin;
