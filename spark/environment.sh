# What Spark's processes need in their environment. A POSIX shell sources this, with the directory of the clone in $home:
# . spark/environment.sh
# A SPARK_ variable that is set already, and not empty, keeps its value.

export SPARK_HOME="${SPARK_HOME:-$home/spark/target/home}"          # executors that Spark starts on this machine find their jars below it
export SPARK_SCALA_VERSION="${SPARK_SCALA_VERSION:-2.13}"           # else Spark looks for its own build tree
export SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}"                # the address that Spark's own servers listen at

# Options for Java, as Spark's own launcher gives them, too: Spark reaches into these packages.
INKLING_SPARK_OPENS=
for package in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent \
  java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar; do
  INKLING_SPARK_OPENS="$INKLING_SPARK_OPENS --add-opens=java.base/$package=ALL-UNNAMED"
done
