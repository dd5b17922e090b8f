package inkling.serve;

import inkling.errors.ConfigException;
import inkling.generate.batch.Sequences;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Guards;
import inkling.serve.http.Limits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Where a server listens, who may ask, and how much it does at a time.
 *
 * @param host an address of this machine; one that other machines can reach needs an API key. The brackets of {@code [::1]} are dropped
 * @param port 0 for any free port
 * @param apiKey the key that requests must bring, at least 8 characters; empty if they need none
 * @param allowedHosts names of this machine that requests may use, besides {@code host} and the names of the loopback address
 * @param allowedOrigins origins of other servers' pages that may use this one, e.g. {@code http://localhost:3000}
 * @param batching how much each model does at a time
 * @param limits limits of the sizes and times of requests
 */
public record ServeOptions(String host, int port, Optional<String> apiKey, Set<String> allowedHosts, Set<String> allowedOrigins,
                           BatcherOptions batching, Limits limits) {
    private static final int SHORTEST_KEY = 8;

    public ServeOptions {
        host = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        if (port < 0 || port > 65_535) {
            throw new ConfigException("--port %d must be from 0 (any free port) to 65535.".formatted(port));
        }
        if (batching.slots() < 1 || batching.slots() > Sequences.MOST_ROWS) {
            throw new ConfigException("--slots %d must be from 1 to %d.".formatted(batching.slots(), Sequences.MOST_ROWS));
        }
        if (batching.cacheBytes() < 1) {
            throw new ConfigException("--cache-mb must be at least 1.");
        }
        if (apiKey.isPresent() && apiKey.get().length() < SHORTEST_KEY) {
            throw new ConfigException("The API key has %d characters: it needs at least %d."
                .formatted(apiKey.get().length(), SHORTEST_KEY));
        }
        for (String origin : allowedOrigins) {
            if (!origin.matches("(?i)https?://[^/*\\s]+")) {
                throw new ConfigException(("--allow-origin %s: an origin is http:// or https://, a host, and perhaps a port,"
                    + " e.g. http://localhost:3000. No form of this option allows all origins.").formatted(origin));
            }
        }
        if (apiKey.isEmpty() && !isLoopback(host)) {
            throw new ConfigException(("--host %s can be reached from other machines: that needs --api-key, or the environment variable"
                + " INKLING_API_KEY. Without --host, only this machine can ask.").formatted(host));
        }
        allowedHosts = Set.copyOf(allowedHosts);
        allowedOrigins = Set.copyOf(allowedOrigins);
    }

    private static boolean isLoopback(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            throw new ConfigException("--host %s is no address: name one of this machine's, e.g. 127.0.0.1.".formatted(host), e);
        }
    }

    Guards guards() {
        Set<String> hosts = new HashSet<>(allowedHosts);
        hosts.add(host.contains(":") ? "[" + host + "]" : host);
        return new Guards(hosts, allowedOrigins, apiKey);
    }
}
