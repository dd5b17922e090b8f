/**
 * Trains models on Apache Spark. Start with {@link inkling.spark.Rounds}, a training in rounds: {@link inkling.spark.RoundSession} is its
 * part in the driver, {@link inkling.spark.WorkerTask} its part in an executor. Below this package: {@code settings} has the required
 * settings of Spark, {@code tokenize} turns corpora into tokens. This package must not know how a single update is made: the core does
 * that. Its 18 files are the commands, and the parts of a round: what is sent, computed, added up and reported.
 */
package inkling.spark;
