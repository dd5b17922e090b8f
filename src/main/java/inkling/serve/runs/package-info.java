/**
 * Runs over HTTP: {@link inkling.serve.runs.RunEndpoints} (start here) answers what the dashboard asks for. {@code RunMetrics} reads a
 * metrics.csv as it grows, {@code RunEvents} sends a page what is new, {@code RunControl} stops and resumes runs. The package reads run
 * directories and signals or starts processes; it must not know how a run is trained, nor train one in this process.
 */
package inkling.serve.runs;
