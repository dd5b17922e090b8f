/**
 * Training and corpora on Apache Spark. {@link inkling.spark.Rounds} (start here) is a training in rounds; what a round is, in the driver,
 * is {@link inkling.spark.RoundSession}, and in an executor {@link inkling.spark.WorkerTask}. Below it: {@code settings} says which
 * settings of Spark must hold, {@code tokenize} makes corpora into tokens.
 * It must not know how a single update is made: that is the core's. Its 18 files are one thing, a round: what is sent, computed, added up
 * and told.
 */
package inkling.spark;
