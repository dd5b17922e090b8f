/**
 * OpenAI's API, as its clients use it: {@link inkling.serve.api.GenerateEndpoint} (start here) answers a request for text;
 * {@link inkling.serve.api.CompletionRequests} and {@link inkling.serve.api.ChatRequests} read its fields.
 * It must not know Jetty, sockets or how sequences are stepped.
 */
package inkling.serve.api;
