/**
 * The views of models and runs as self-contained HTML pages. Start with {@link inkling.inspect.page.HtmlPage}. A page draws values that
 * other packages computed, and runs no model. Its 17 files are a class for each view, parts of one view
 * (e.g. {@code TourBlock}), and classes that several views share.
 * This package must not know run directories or commands.
 */
package inkling.inspect.page;
