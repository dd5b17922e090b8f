/**
 * A run's metrics.csv read row by row, however long it is and while it grows: {@link inkling.inspect.metrics.MetricsTail} (start here)
 * reads the rows, {@link inkling.inspect.metrics.RunFigures} and {@link inkling.inspect.metrics.Curve} keep figures and curves of them.
 * {@code RunHistory} keeps every row instead.
 * It must not know run directories, servers or commands.
 */
package inkling.inspect.metrics;
