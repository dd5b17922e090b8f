/**
 * The pages of the server: {@link inkling.serve.page.Pages} (start here) serves the files of this package's folder on the class path, the
 * playground at {@code /}; {@link inkling.serve.page.PageFile} is one of these files. Other packages answer the requests that the pages
 * send: this one must not know models, requests for text, or Jetty.
 */
package inkling.serve.page;
