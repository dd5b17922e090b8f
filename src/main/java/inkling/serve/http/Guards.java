package inkling.serve.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Decides by the head of a request who may ask, before the body is read. A page of another web site cannot use the server, because the
 * user's browser sends the site's origin. The server refuses origins that are not allowed. A web site may also let its own name point to
 * this machine (DNS rebinding). The browser then sends that name as the request's host, which the server refuses, too.
 *
 * @param hosts names, without a port, that a {@code Host} header may have besides the names of the loopback address
 * @param origins the origins of other servers' pages that may use this server, e.g. {@code http://localhost:3000}
 * @param apiKey the key that each request must bring, except preflights and requests for {@linkplain Routes#open open} paths; empty if no
 *     request needs a key
 */
public record Guards(Set<String> hosts, Set<String> origins, Optional<String> apiKey) {
    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");
    private static final String BEARER = "Bearer ";

    public Guards {
        hosts = Set.copyOf(lowerCase(hosts));
        origins = Set.copyOf(lowerCase(origins));
    }

    private static Set<String> lowerCase(Set<String> names) {
        Set<String> lower = new TreeSet<>();
        names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
        return lower;
    }

    /** Checks the request's host and origin. @throws ApiFault 403 if one of them is not allowed */
    void checkOrigin(Request request) {
        String host = Optional.ofNullable(request.getHttpURI().getHost()).orElse("").toLowerCase(Locale.ROOT);
        if (!LOOPBACK.contains(host) && !hosts.contains(host)) {
            throw ApiFault.forbidden("The host of this request is not one of this server's. --allow-host adds a name.");
        }
        Optional<String> origin = origin(request.getHeaders());
        boolean own = origin.isPresent() && isOwn(origin.get(), request);
        if (origin.isPresent() && !own && !origins.contains(origin.get())) {
            throw ApiFault.forbidden("Pages of this origin may not use this server. --allow-origin adds one.");
        }
        if (origin.isEmpty() && "cross-site".equals(request.getHeaders().get("Sec-Fetch-Site"))) {
            throw ApiFault.forbidden("Pages of other sites may not use this server. --allow-origin adds one.");
        }
    }

    /** Whether the request comes from a page of another server; true even if that page's origin is allowed. */
    static boolean isOfAnotherPage(Request request) {
        return origin(request.getHeaders()).filter(origin -> !isOwn(origin, request)).isPresent();
    }

    private static Optional<String> origin(HttpFields headers) {
        return Optional.ofNullable(headers.get(HttpHeader.ORIGIN)).map(origin -> origin.toLowerCase(Locale.ROOT));
    }

    /** Whether the page came from this server: its origin names the host and port that the request itself names. */
    private static boolean isOwn(String origin, Request request) {
        try {
            URI uri = new URI(origin);
            int port = uri.getPort() < 0 ? 80 : uri.getPort();
            int asked = request.getHttpURI().getPort() < 0 ? 80 : request.getHttpURI().getPort();
            return "http".equals(uri.getScheme()) && request.getHttpURI().getHost().equalsIgnoreCase(uri.getHost()) && port == asked;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Checks the API key, if the server asks for one. @throws ApiFault 401 if the request does not have the right key */
    void checkKey(Request request) {
        if (apiKey.isEmpty()) {
            return;
        }
        String authorization = Optional.ofNullable(request.getHeaders().get(HttpHeader.AUTHORIZATION)).orElse("");
        String given = authorization.startsWith(BEARER) ? authorization.substring(BEARER.length())
            : Optional.ofNullable(request.getHeaders().get("X-Api-Key")).orElse("");
        byte[] expected = apiKey.get().getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) { // takes equally long, whichever byte is wrong
            throw ApiFault.unauthorized();
        }
    }

    /** Adds the headers that let a page of an allowed origin read the answer (CORS). */
    void addSharing(Request request, HttpFields.Mutable answer) {
        if (origins.isEmpty()) {
            return;
        }
        answer.add(HttpHeader.VARY, "Origin");
        origin(request.getHeaders()).filter(origins::contains).ifPresent(origin -> {
            answer.put("Access-Control-Allow-Origin", origin);
            answer.put("Access-Control-Expose-Headers", "X-Request-Id");
            HttpField asked = request.getHeaders().getField("Access-Control-Request-Headers");
            if (asked != null) {
                answer.put("Access-Control-Allow-Headers", asked.getValue());
                answer.put("Access-Control-Allow-Methods", "GET, POST");
                answer.put("Access-Control-Max-Age", "600");
            }
        });
    }

    /** Whether this is a preflight: a browser asks, without a key, whether a page of an allowed origin may send its request. */
    boolean isPreflight(Request request) {
        return request.getMethod().equals("OPTIONS") && origin(request.getHeaders()).filter(origins::contains).isPresent();
    }
}
