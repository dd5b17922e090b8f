package inkling.spark.settings;

import inkling.errors.ConfigException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.Optional;

/** Checks that the master of a standalone cluster answers. Spark itself would try for minutes without saying what it waits for. */
public final class StandaloneMaster {
    private static final int CONNECT_MILLIS = 5_000;

    private StandaloneMaster() {}

    /**
     * Connects to each address of {@code master} until one answers.
     *
     * @param master spark://HOST:PORT, or several: spark://HOST:PORT,HOST:PORT
     * @return empty if an address answers, else why the last one did not
     * @throws ConfigException if {@code master} has another form
     */
    public static Optional<String> silence(String master) {
        if (!ClusterSettings.isStandalone(master)) {
            throw new ConfigException("%s is no spark://HOST:PORT.".formatted(master));
        }
        String why = "";
        for (String address : ClusterSettings.addresses(master)) {
            int colon = address.lastIndexOf(':');
            try (Socket socket = new Socket()) {
                int port = Integer.parseInt(address.substring(colon + 1));
                socket.connect(new InetSocketAddress(address.substring(0, colon), port), CONNECT_MILLIS);
                return Optional.empty();
            } catch (UnknownHostException e) {
                why = "unknown host " + address.substring(0, colon);
            } catch (IOException | IllegalArgumentException e) {   // nobody answers there, or the port is beyond 65,535
                why = e.getMessage();
            }
        }
        return Optional.of(why);
    }

    /** @throws ConfigException if {@code master} is a standalone cluster and does not answer */
    public static void require(String master) {
        if (ClusterSettings.isStandalone(master)) {
            silence(master).ifPresent(why -> {
                throw new ConfigException(
                    "--master %s does not answer: %s. Start it with `./inkling cluster master`, or correct the address."
                    .formatted(master, why));
            });
        }
    }
}
