/**
 * Reads a run's metrics.csv row by row while it grows, in bounded memory. Start with {@link inkling.inspect.metrics.MetricsTail}, which
 * reads the rows. {@link inkling.inspect.metrics.RunFigures} and {@link inkling.inspect.metrics.Curve} make figures and curves of them.
 * (Another class, {@code inkling.inspect.RunHistory}, keeps every row.)
 * This package must not know run directories, servers or commands.
 */
package inkling.inspect.metrics;
