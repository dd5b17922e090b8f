/**
 * Runs over HTTP: {@link inkling.serve.runs.RunEndpoints} (start here) answers what the dashboard asks for. {@code MetricsTail} reads a
 * metrics.csv that grows into {@code Curve}s, {@code RunEvents} tells a page what is new, {@code RunControl} stops and resumes. It reads
 * run directories and signals or starts processes; it must not know how a run is trained, nor train one in this process.
 */
package inkling.serve.runs;
