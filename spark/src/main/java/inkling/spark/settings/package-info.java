/**
 * Where Spark runs, and the settings that it gets.
 * Start with {@link inkling.spark.settings.ClusterSettings}; {@link inkling.spark.settings.SparkOptions} has the options of commands.
 * This package must not know what Spark computes.
 */
package inkling.spark.settings;
