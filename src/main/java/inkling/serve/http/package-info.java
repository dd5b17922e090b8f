/**
 * HTTP as the server needs it. {@link inkling.serve.http.HttpServer} (start here) listens, {@link inkling.serve.http.Guards} decides who
 * may ask, and {@link inkling.serve.http.Exchange} is one request with its answer. This is the only package that knows Jetty. It must not
 * know models.
 */
package inkling.serve.http;
