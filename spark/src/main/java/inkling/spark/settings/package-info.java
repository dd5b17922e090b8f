/**
 * Where Spark runs, and which of its settings must hold: {@link inkling.spark.settings.ClusterSettings}; start here.
 * It must not know what is computed.
 */
package inkling.spark.settings;
