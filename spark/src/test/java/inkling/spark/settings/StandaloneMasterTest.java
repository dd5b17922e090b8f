package inkling.spark.settings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandaloneMasterTest {
    private static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = listening()) {
            return socket.getLocalPort();
        }
    }

    @Test void oneOfSeveralMastersIsEnough() throws IOException {
        try (ServerSocket master = listening()) {
            String address = "127.0.0.1:" + master.getLocalPort();
            assertEquals(Optional.empty(), StandaloneMaster.silence("spark://" + address));
            assertEquals(Optional.empty(), StandaloneMaster.silence("spark://127.0.0.1:" + closedPort() + "," + address));
        }
    }

    @Test void aMasterThatDoesNotAnswerIsNamedWithTheWayOut() throws IOException {
        String master = "spark://127.0.0.1:" + closedPort();
        String message = assertThrows(ConfigException.class, () -> StandaloneMaster.require(master)).getMessage();
        assertTrue(message.contains(master) && message.contains("refused") && message.contains("cluster master"), message);
        assertThrows(ConfigException.class, () -> StandaloneMaster.require("spark://127.0.0.1:99999"));
        assertEquals(Optional.of("unknown host a..b"), StandaloneMaster.silence("spark://a..b:7077"), "a name that no host can have");
    }

    @Test void otherMastersAreSparksOwnMatter() {
        assertDoesNotThrow(() -> StandaloneMaster.require("local-cluster[2,1,512]"));
        assertDoesNotThrow(() -> StandaloneMaster.require("yarn"));
        String refusal = assertThrows(ConfigException.class, () -> StandaloneMaster.silence("127.0.0.1")).getMessage();
        assertTrue(refusal.contains("spark://HOST:PORT"), refusal);
    }
}
