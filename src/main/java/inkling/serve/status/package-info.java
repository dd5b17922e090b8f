/**
 * Facts about a server and its models. {@link inkling.serve.status.StatusEndpoints} (start here) tells health, models and properties,
 * {@link inkling.serve.status.Metrics} the figures, {@link inkling.serve.status.TokenEndpoints} the tokens of a text. This package must not
 * know Jetty or how text is generated.
 */
package inkling.serve.status;
