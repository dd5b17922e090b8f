package inkling.serve.page;

import inkling.serve.http.Endpoint;
import inkling.serve.http.Routes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The pages with their styles and scripts. Their files are those of {@code inkling/serve/page/} on the class path (except classes), some
 * files of the pages that commands write, and the chart library uPlot. This class reads all files when the server starts. Each file has a
 * path of its own, so the path of a request never names a file to open. The paths below {@link #base} contain a hash of all names and
 * contents. A browser may therefore keep these files for a year, and asks for new ones after a change.
 */
public final class Pages {
    private static final String FOLDER = "/inkling/serve/page/";

    /** Stands before file names in a page's HTML; {@link #base} replaces it there. */
    private static final String MARK = "@page/";

    /** Files that these pages share with the pages that commands write. */
    private static final List<String> SHARED = List.of("page.css", "page.js", "flow.css", "flow.js", "attention.css", "attention.html",
        "attention.js", "lens.css", "lens.html", "lens.js", "word-trace.css", "word-trace.html", "word-trace.js");
    private static final String SHARED_FOLDER = "/inkling/inspect/page/";

    /** Files elsewhere on the class path, by the names that pages use for them. */
    private static final Map<String, String> OTHERS = Map.of(
        "uplot.js", "/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.esm.js",
        "uplot.css", "/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.min.css");

    /** The file of each page, by the page's path. */
    private static final Map<String, String> PLACES = Map.of("/", "playground.html", "/runs", "runs.html");

    private static final Map<String, String> HEADERS = Map.of(
        "Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
        "Cross-Origin-Opener-Policy", "same-origin",
        "Cross-Origin-Resource-Policy", "same-origin",
        "Referrer-Policy", "no-referrer");
    private static final String FOR_A_YEAR = "public, max-age=31536000, immutable";
    private static final int HASH_LENGTH = 16;

    private final List<PageFile> files;
    private final String base;

    public Pages() {
        files = new ArrayList<>(own());
        SHARED.forEach(name -> files.add(PageFile.read(name, SHARED_FOLDER + name)));
        OTHERS.forEach((name, resource) -> files.add(PageFile.read(name, resource)));
        base = "/page/" + hash(files) + "/";
    }

    /** Adds the pages' paths. The pages themselves need no API key; they send the user's key when they ask for data. */
    public void addTo(Routes routes) {
        for (PageFile file : files) {
            routes.open(base + file.name(), endpoint(file, FOR_A_YEAR));
        }
        PLACES.forEach((path, name) -> {
            PageFile page = files.stream().filter(file -> file.name().equals(name)).findFirst().orElseThrow();
            String html = new String(page.content(), StandardCharsets.UTF_8).replace(MARK, base);
            routes.open(path, endpoint(new PageFile(name, html.getBytes(StandardCharsets.UTF_8)), "no-cache"));
        });
    }

    /** The path of the folder with all files: {@code /page/HASH/}. */
    public String base() {
        return base;
    }

    private static Endpoint endpoint(PageFile file, String caching) {
        return exchange -> {
            HEADERS.forEach(exchange::header);
            exchange.header("Cache-Control", caching);
            exchange.bytes(200, file.type(), file.content());
        };
    }

    /** The files of {@link #FOLDER}, which is inside a jar or an ordinary directory. */
    private static List<PageFile> own() {
        try {
            URI folder = Pages.class.getResource(FOLDER + "playground.html").toURI();
            if (!folder.getScheme().equals("jar")) {
                return within(Path.of(folder).getParent());
            }
            try (FileSystem jar = FileSystems.newFileSystem(Path.of(URI.create(jarOf(folder))))) {
                return within(jar.getPath(FOLDER));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(FOLDER, e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives {@code file:/…/inkling.jar} for {@code jar:file:/…/inkling.jar!/inkling/…}. */
    private static String jarOf(URI entry) {
        String inner = entry.getRawSchemeSpecificPart();
        return inner.substring(0, inner.lastIndexOf("!/"));
    }

    private static List<PageFile> within(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).map(path -> folder.relativize(path).toString().replace('\\', '/')).sorted()
                .filter(name -> !name.endsWith(".class")) // the classes of this package
                .map(name -> PageFile.read(name, FOLDER + name)).toList();
        }
    }

    private static String hash(List<PageFile> files) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            files.stream().sorted((a, b) -> a.name().compareTo(b.name())).forEach(file -> {
                sha.update(file.name().getBytes(StandardCharsets.UTF_8));
                sha.update(file.content());
            });
            return HexFormat.of().formatHex(sha.digest()).substring(0, HASH_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
