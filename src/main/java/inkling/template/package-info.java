/**
 * Runs chat templates as Transformers does. A chat template is a program in Jinja that writes a conversation as text. Start with
 * {@link inkling.template.Template}. The packages {@code value}, {@code builtin}, {@code node} and {@code syntax} are its parts, the lowest
 * first: each uses only those before it. The whole must not know models, tokenizers or the purpose of the text.
 */
package inkling.template;
