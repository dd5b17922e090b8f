/**
 * Facts about a server and its models. {@link inkling.serve.status.StatusEndpoints} (start here) answers requests for the server's health,
 * its models and their properties. {@link inkling.serve.status.Metrics} answers requests for figures.
 * {@link inkling.serve.status.TokenEndpoints} turns texts into tokens and back. This package must not know Jetty or how text is generated.
 */
package inkling.serve.status;
