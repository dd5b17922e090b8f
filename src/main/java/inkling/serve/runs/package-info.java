/**
 * Runs over HTTP. {@link inkling.serve.runs.RunEndpoints} (start here) answers the dashboard's requests. {@code RunMetrics} reads a
 * metrics.csv as it grows, {@code RunEvents} tells a page what is new, {@code RunControl} stops and resumes runs. The package reads run
 * directories, and signals or starts processes. It must not know how a run is trained, nor train a run in this process.
 */
package inkling.serve.runs;
