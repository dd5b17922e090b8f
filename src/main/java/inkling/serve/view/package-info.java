/**
 * The inside of a model over HTTP, {@code /inkling/v1/…}: {@link inkling.serve.view.ViewEndpoints} (start here) gives the values of
 * {@code inkling.inspect} as the commands' {@code --json} does, or as the scripts of {@code inkling.inspect.page} draw them;
 * {@link inkling.serve.view.Checkpoints} has the other steps of a model's run. It must not know Jetty or how text is streamed.
 */
package inkling.serve.view;
