/**
 * A parsed template: expressions, which have a value, and statements, which write text or set variables.
 * Start with {@link inkling.template.node.Expression} and {@link inkling.template.node.Statement}.
 * This package must not know the syntax of a template, nor the purpose of its text.
 */
package inkling.template.node;
