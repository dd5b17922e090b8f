package inkling.serve.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * A file of the pages: HTML, style, script or picture.
 *
 * @param name its path below {@link Pages#base}, e.g. {@code panels/lens.js}
 */
record PageFile(String name, byte[] content) {
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "js", "text/javascript; charset=utf-8",
        "css", "text/css; charset=utf-8", "svg", "image/svg+xml");

    PageFile {
        if (!TYPES.containsKey(ending(name))) {
            throw new IllegalArgumentException("%s: a page's files end in %s".formatted(name, TYPES.keySet()));
        }
    }

    /** Reads a file from the class path. @param resource its place there */
    static PageFile read(String name, String resource) {
        try (InputStream in = PageFile.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("%s is not on the class path".formatted(resource));
            }
            return new PageFile(name, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    private static String ending(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The Content-Type. */
    String type() {
        return TYPES.get(ending(name));
    }
}
