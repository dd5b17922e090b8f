package inkling.spark.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterSettingsTest {
    private static ClusterSettings of(String master, Map<String, String> given) {
        return ClusterSettings.of(master, given, Map.of());
    }

    private static void refused(String master, Map<String, String> given, String... says) {
        String message = assertThrows(ConfigException.class, () -> of(master, given)).getMessage();
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

    @Test void anUnknownMasterIsRefusedWithAListOfTheKnownOnes() {
        refused("mesos://h:5050", Map.of(), "mesos://h:5050", "local-cluster[N,CORES,MB]", "spark://HOST:PORT", "yarn", "k8s://");
        refused("local-cluster[2,1]", Map.of(), "none of");
    }
}
