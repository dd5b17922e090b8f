/**
 * An HTTP server over trained models. {@link inkling.serve.InklingServer} (start here) puts it together from the packages below:
 *
 * <ul>
 *   <li>{@code http} listens and reads requests.
 *   <li>{@code batch} generates all texts of a model side by side.
 *   <li>{@code api} speaks OpenAI's API.
 *   <li>{@code view} shows the inside of a model.
 *   <li>{@code status} tells the server's health and figures.
 *   <li>{@code page} has the web pages.
 *   <li>{@code runs} watches and steers training runs.
 * </ul>
 *
 * <p>These packages must not know commands, nor train a model themselves.
 */
package inkling.serve;
