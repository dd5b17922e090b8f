package inkling.serve.http;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The endpoints by path and method. A request's path must equal a route's path as a whole. A route's path may contain {@code {name}} once,
 * in any place, as {@code /v1/models/{name}} does. {@code {name}} matches any one segment that is not empty, which the endpoint gets from
 * {@link Exchange#segment}.
 */
public final class Routes {
    /** An endpoint, and the segment in the place of {@code {name}}; for a path without {@code {name}}, the last segment. */
    record Found(Endpoint endpoint, String segment) {}

    private static final String NAME = "{name}";
    private static final int MOST_SEGMENTS = 8; // longer paths never match a path with {name}, since find() tries each segment in turn

    private final Map<String, Map<String, Endpoint>> byPath = new LinkedHashMap<>();
    private final Set<String> open = new HashSet<>();

    public Routes get(String path, Endpoint endpoint) {
        return add("GET", path, endpoint);
    }

    public Routes post(String path, Endpoint endpoint) {
        return add("POST", path, endpoint);
    }

    /** Adds an endpoint for GET that needs no API key, because its answer is the same for everybody. */
    public Routes open(String path, Endpoint endpoint) {
        open.add(path);
        return get(path, endpoint);
    }

    /** Whether a path answers without the API key. */
    boolean isOpen(String path) {
        return open.contains(path);
    }

    private Routes add(String method, String path, Endpoint endpoint) {
        byPath.computeIfAbsent(path, p -> new LinkedHashMap<>()).put(method, endpoint);
        return this;
    }

    /**
     * Finds the endpoint. A HEAD request gets the endpoint of GET.
     *
     * @throws ApiFault 404 if the path has no endpoints, 405 if it has none for the method
     */
    Found find(String method, String path) {
        Map<String, Endpoint> methods = byPath.get(path);
        String[] segments = path.split("/", -1);
        String segment = segments[segments.length - 1];
        for (int i = segments.length - 1; methods == null && i > 0 && segments.length <= MOST_SEGMENTS; i--) {
            String[] pattern = segments.clone();
            pattern[i] = NAME;
            methods = segments[i].isEmpty() ? null : byPath.get(String.join("/", pattern));
            segment = methods == null ? segment : segments[i];
        }
        if (methods == null) {
            throw ApiFault.noSuchPath("Nothing answers this path. docs/serving.md lists the paths.");
        }
        Endpoint endpoint = methods.get(method.equals("HEAD") ? "GET" : method);
        if (endpoint == null) {
            throw ApiFault.request(405, "This path answers %s only.".formatted(String.join(", ", methods.keySet())));
        }
        return new Found(endpoint, segment);
    }
}
