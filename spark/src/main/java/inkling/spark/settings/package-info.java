/**
 * Where Spark runs, and which of its settings must hold.
 * Start with {@link inkling.spark.settings.ClusterSettings}; {@link inkling.spark.settings.SparkOptions} has the options of commands.
 * It must not know what is computed.
 */
package inkling.spark.settings;
