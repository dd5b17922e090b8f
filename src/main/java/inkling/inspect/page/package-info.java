/**
 * The views as self-contained HTML pages. Start with {@link inkling.inspect.page.HtmlPage}.
 * A page draws values of {@code inspect} and computes none.
 * It must not know run directories or commands.
 */
package inkling.inspect.page;
