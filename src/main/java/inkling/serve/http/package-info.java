/**
 * HTTP as the server needs it: {@link inkling.serve.http.HttpServer} (start here) listens, {@link inkling.serve.http.Guards} decide who
 * may ask, {@link inkling.serve.http.Exchange} is one request and its answer. The only package that knows Jetty.
 * It must not know models.
 */
package inkling.serve.http;
