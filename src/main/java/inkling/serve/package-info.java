/**
 * An HTTP server over trained models: {@link inkling.serve.InklingServer} (start here) puts it together from the packages below:
 * {@code http} listens, {@code batch} steps all sequences of a model, {@code api} speaks OpenAI's API, {@code view} shows the model's
 * inside, {@code status} has the server's health and figures, {@code page} the pages, {@code runs} watches and steers runs. It must not
 * know commands, nor train anything itself.
 */
package inkling.serve;
