/**
 * The inside of a model over HTTP, {@code /inkling/v1/…}. {@link inkling.serve.view.ViewEndpoints} (start here) gives the values of
 * {@code inkling.inspect} in the form of the commands' {@code --json}, or in the form that the scripts of {@code inkling.inspect.page}
 * draw. {@link inkling.serve.view.Checkpoints} opens the other checkpoints of a model's run. This package must not know Jetty or how text
 * is streamed.
 */
package inkling.serve.view;
