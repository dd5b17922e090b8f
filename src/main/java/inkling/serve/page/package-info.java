/**
 * The pages of the server: {@link inkling.serve.page.Pages} (start here) serves the files of the class path's folder of this package, the
 * playground at {@code /}; {@link inkling.serve.page.PageFile} is one of them. What the pages ask for is answered by the other packages:
 * this one must not know models, requests for text, or Jetty.
 */
package inkling.serve.page;
