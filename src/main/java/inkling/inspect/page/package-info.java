/**
 * The views as self-contained HTML pages. Start with {@link inkling.inspect.page.HtmlPage}.
 * A page draws values of {@code inspect} and computes none. Its 17 files are one class a view, and what they share.
 * It must not know run directories or commands.
 */
package inkling.inspect.page;
