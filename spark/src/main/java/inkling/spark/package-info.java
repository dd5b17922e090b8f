/**
 * Training and corpora on Apache Spark. Start with {@link inkling.spark.Rounds}, a training in rounds. A round is made by
 * {@link inkling.spark.RoundSession} in the driver and by {@link inkling.spark.WorkerTask} in an executor. Below it: {@code settings} has
 * the required settings of Spark, {@code tokenize} turns corpora into tokens.
 * It must not know how a single update is made: the core does that. Its 18 files are the commands, and the parts of a round: what is sent,
 * computed, added up and reported.
 */
package inkling.spark;
