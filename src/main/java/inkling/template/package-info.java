/**
 * Chat templates, run as Transformers runs them: programs in Jinja that write a conversation as text.
 * Start with {@link inkling.template.Template}; {@code value}, {@code builtin}, {@code node} and {@code syntax} are its parts, lowest
 * first. It must not know models, tokenizers or the purpose of the text.
 */
package inkling.template;
