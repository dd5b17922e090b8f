/**
 * An HTTP server over trained models. {@link inkling.serve.InklingServer} (start here) puts it together from the packages below.
 * {@code http} listens and reads requests. {@code batch} generates texts side by side. {@code api} speaks OpenAI's API.
 * {@code view} shows the inside of a model. {@code status} tells the server's health and figures. {@code page} has the web pages.
 * {@code runs} watches and steers training runs. These packages must not know commands, nor train a model themselves.
 */
package inkling.serve;
