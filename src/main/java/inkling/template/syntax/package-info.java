/**
 * The syntax of a template: its tokens, and the parsers that make statements and expressions from them.
 * Start with {@link inkling.template.syntax.TemplateParser}.
 * This package must not know the values of a template's variables, nor the purpose of its text.
 */
package inkling.template.syntax;
