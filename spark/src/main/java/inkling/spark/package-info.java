/**
 * Training and corpora on Apache Spark. {@link inkling.spark.Rounds} (start here) is a training in rounds; what a round is, in the driver,
 * is {@link inkling.spark.RoundSession}, and in an executor {@link inkling.spark.WorkerTask}. {@link
 * inkling.spark.settings.ClusterSettings} says which settings of Spark must hold. It must not know how a single update is made: that is the
 * core's.
 */
package inkling.spark;
