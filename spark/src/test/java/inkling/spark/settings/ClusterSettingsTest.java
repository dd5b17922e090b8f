package inkling.spark.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterSettingsTest {
    /** As spark/environment.sh sets it. */
    private static final Map<String, String> LAUNCHER = Map.of("SPARK_LOCAL_IP", "127.0.0.1");

    private static ClusterSettings of(String master, Map<String, String> given) {
        return ClusterSettings.of(master, given, LAUNCHER);
    }

    private static void refused(String master, Map<String, String> given, String... says) {
        refused(master, given, LAUNCHER, says);
    }

    private static void refused(String master, Map<String, String> given, Map<String, String> environment, String... says) {
        String message = assertThrows(ConfigException.class, () -> ClusterSettings.of(master, given, environment)).getMessage();
        for (String words : says) {
            assertTrue(message.contains(words), message);
        }
    }

    @Test void severalTasksInOneProcessAreRefusedWithTheWayOut() {
        refused("local[2]", Map.of(), "--master local[2]", "random", "local-cluster[2,1,2048]");
        refused("local[*]", Map.of(), "local-cluster");
        refused("spark://127.0.0.1:7077", Map.of("spark.executor.cores", "8", "spark.task.cpus", "1"), "spark.task.cpus=1",
            "spark.executor.cores=8", "Leave spark.task.cpus out");
    }

    @Test void aProcessHasOneTaskWithAllItsCores() {
        assertEquals("8", of("spark://127.0.0.1:7077", Map.of("spark.executor.cores", "8")).settings().get("spark.task.cpus"));
        Map<String, String> two = of("local-cluster[3, 2, 512]", Map.of()).settings();
        assertEquals("2", two.get("spark.task.cpus"));
        assertEquals("512m", two.get("spark.executor.memory"));
    }

    @Test void speculationAndRestSubmissionStayOff() {
        assertEquals("false", of("local", Map.of()).settings().get("spark.speculation"));
        refused("local", Map.of("spark.speculation", "true"), "spark.speculation=true", "Leave it out");
        refused("spark://127.0.0.1:7077", Map.of("spark.master.rest.enabled", "true"), "6066");
    }

    @Test void beyondThisMachineAuthenticationIsNeeded() {
        for (String master : new String[] {"spark://10.1.2.3:7077", "spark://127.0.0.1:7077,10.1.2.3:7077", "yarn",
                "k8s://https://10.1.2.3:443"}) {
            refused(master, Map.of(), master, "spark.authenticate", ClusterSettings.SECRET);
        }
        Map<String, String> secret = ClusterSettings.of("spark://10.1.2.3:7077", Map.of(), Map.of(ClusterSettings.SECRET, "s")).settings();
        assertEquals("true", secret.get("spark.authenticate"));
        assertEquals("true", secret.get("spark.network.crypto.enabled"));
        assertEquals("true", of("yarn", Map.of("spark.authenticate", "true")).settings().get("spark.network.crypto.enabled"));
        assertEquals("127.0.0.1", of("spark://localhost:7077", Map.of()).settings().get("spark.driver.bindAddress"));
    }

    /**
     * The processes of local-cluster listen at SPARK_LOCAL_IP, or at SPARK_LOCAL_HOSTNAME if that is set. Without either, Spark looks for
     * an address that others can reach.
     */
    @Test void whereOthersReachTheProcessesOfThisMachineAuthenticationIsNeeded() {
        String master = "local-cluster[2,1,512]";
        refused(master, Map.of(), Map.of("SPARK_LOCAL_IP", "10.1.2.3"), "SPARK_LOCAL_IP=10.1.2.3", "spark.authenticate",
            ClusterSettings.SECRET, "127.0.0.1");
        refused(master, Map.of(), Map.of("SPARK_LOCAL_IP", "0.0.0.0"), "SPARK_LOCAL_IP=0.0.0.0");
        refused(master, Map.of(), Map.of(), "SPARK_LOCAL_IP is not set: the processes of Spark", "set SPARK_LOCAL_IP to 127.0.0.1");
        refused(master, Map.of(), Map.of("SPARK_LOCAL_IP", "127.0.0.1", "SPARK_LOCAL_HOSTNAME", "10.1.2.3"),
            "SPARK_LOCAL_HOSTNAME=10.1.2.3");
        Map<String, String> secret = Map.of("SPARK_LOCAL_IP", "10.1.2.3", ClusterSettings.SECRET, "s");
        assertEquals("true", ClusterSettings.of(master, Map.of(), secret).settings().get("spark.authenticate"));
        assertEquals("local", ClusterSettings.of("local", Map.of(), Map.of()).master(), "one process, whose ports are on loopback");
    }

    @Test void whereOthersReachTheDriverAuthenticationIsNeeded() {
        for (String master : new String[] {"local", "local-cluster[2,1,512]", "spark://127.0.0.1:7077"}) {
            refused(master, Map.of("spark.driver.bindAddress", "0.0.0.0"), "spark.driver.bindAddress=0.0.0.0", "spark.authenticate",
                ClusterSettings.SECRET, "leave the setting out");
        }
    }

    @Test void anUnknownMasterIsRefusedWithAListOfTheKnownOnes() {
        refused("mesos://h:5050", Map.of(), "mesos://h:5050", "local-cluster[N,CORES,MB]", "spark://HOST:PORT", "yarn", "k8s://");
        refused("local-cluster[2,1]", Map.of(), "none of");
    }
}
