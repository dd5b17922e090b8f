/**
 * The pages of the server. {@link inkling.serve.page.Pages} (start here) serves the files of this package's folder on the class path, and a
 * few others. {@link inkling.serve.page.PageFile} is one of these files. The playground is at {@code /}, the dashboard of runs at
 * {@code /runs}. Other packages answer the requests that the pages send. This package must not know models, requests for text, or Jetty.
 */
package inkling.serve.page;
