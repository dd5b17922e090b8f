/**
 * A parsed template: expressions, which have a value, and statements, which write text.
 * Start with {@link inkling.template.node.Expression} and {@link inkling.template.node.Statement}.
 * It must not know how a template is written, nor what its text is used for.
 */
package inkling.template.node;
