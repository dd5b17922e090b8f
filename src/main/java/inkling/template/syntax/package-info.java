/**
 * How a template is written: its tokens, and what they say.
 * Start with {@link inkling.template.syntax.TemplateParser}.
 * It must not know what a template is given, nor what its text is used for.
 */
package inkling.template.syntax;
