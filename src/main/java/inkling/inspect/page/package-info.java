/**
 * The views of models and runs as self-contained HTML pages. Start with {@link inkling.inspect.page.HtmlPage}. A page draws values that
 * other packages computed, and runs no model. Its 17 files are one class for each view, and what the views share.
 * This package must not know run directories or commands.
 */
package inkling.inspect.page;
