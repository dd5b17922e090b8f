/**
 * OpenAI's API, as its clients use it. {@link inkling.serve.api.GenerateEndpoint} (start here) answers a request for text;
 * {@link inkling.serve.api.CompletionRequests} and {@link inkling.serve.api.ChatRequests} read the request's fields. This package must not
 * know Jetty, sockets, or how the tokens of many texts are computed together.
 */
package inkling.serve.api;
