/**
 * What Jinja and Python bring along: filters, tests, functions, and the methods of strings, dicts and lists.
 * Start with {@link inkling.template.builtin.Filters}.
 * It must not know expressions, variables or how a template is written.
 */
package inkling.template.builtin;
