package inkling.data.source;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A corpus that Inkling can provide: its hash, and where it comes from.
 *
 * @param file where the dataset belongs, relative to the current directory
 * @param bytes the exact size
 * @param sha256 the SHA-256 of these bytes
 */
public record Dataset(String name, Path file, int bytes, String sha256, Origin origin) {
    /** Where the bytes come from. */
    public sealed interface Origin {
        /** In a jar on the class path; needs no network. */
        record Shipped(String resource) implements Origin {}

        /** Downloaded only when the user asks for it. */
        record Download(URI uri) implements Origin {}
    }

    /** What {@link #fetch} did. */
    public enum Fetched { WRITTEN, WAS_THERE }

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(1);

    /** The datasets of {@code inkling data fetch}. */
    public static final List<Dataset> ALL = List.of(
        new Dataset("dickens", Path.of("datasets", "dickens", "dickens.txt"), 1_214_979,
            "70b924ea4d22d24d8650660ddddd29fc5c07eafc5803a904e6d1184f50ac4ed7", new Origin.Shipped("/dickens.txt")),
        new Dataset("macbeth", Path.of("datasets", "macbeth", "macbeth.txt"), 103_605,
            "1e78f8548c516390ebee9e864048a84314962730a0cbdb29d857f88a2f13553d", new Origin.Shipped("/shakes.txt")),
        new Dataset("tinyshakespeare", Path.of("datasets", "tinyshakespeare", "tinyshakespeare.txt"), 1_115_394,
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", new Origin.Download(URI.create(
                "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"))));

    /** @throws ConfigException if no dataset has that name; the message lists the datasets */
    public static Dataset named(String name) {
        return ALL.stream().filter(dataset -> dataset.name.equals(name)).findFirst()
            .orElseThrow(() -> new ConfigException("no dataset is called %s; there are %s."
                .formatted(name, ALL.stream().map(Dataset::name).collect(Collectors.joining(", ")))));
    }

    /**
     * The dataset that belongs at {@code path}, if Inkling ships it. A run can write such a dataset there by itself, without the network.
     *
     * @param path relative or absolute, as a run file names it
     */
    public static Optional<Dataset> shippedAt(Path path) {
        return at(path).filter(dataset -> dataset.origin instanceof Origin.Shipped);
    }

    /** The message that {@code path} does not exist, with the command that brings it, if a dataset belongs there. */
    public static Optional<String> missing(Path path) {
        return at(path).map(dataset -> "%s does not exist: `./inkling data fetch %s` %s it; datasets/%2$s/README.md describes it."
            .formatted(path, dataset.name, dataset.origin instanceof Origin.Download ? "downloads" : "writes"));
    }

    private static Optional<Dataset> at(Path path) {
        return ALL.stream().filter(dataset -> path.normalize().endsWith(dataset.file)).findFirst();
    }

    /**
     * Writes the dataset to {@code target}, unless it is there already. Checks the hash of the bytes before anything is written.
     *
     * @throws ConfigException if another file is there, which stays unchanged
     * @throws StorageException if the bytes cannot be read, downloaded or written, or are not the expected ones
     */
    public Fetched fetch(Path target, DurableFiles files) {
        if (Files.exists(target)) {
            String found = Sha256.of(target);
            if (found.equals(sha256)) {
                return Fetched.WAS_THERE;
            }
            throw new ConfigException(("%s exists and is not %s (sha256 %s…, expected %s…). It is left alone: move it away to fetch"
                + " this one.").formatted(target, name, found.substring(0, 12), sha256.substring(0, 12)));
        }
        byte[] content = content(target);
        String found = Sha256.of(content);
        if (!found.equals(sha256)) {
            throw new StorageException(("%s came with other bytes: the first %d have sha256 %s…, expected %d with sha256 %s…; nothing was"
                + " written. %s").formatted(name, content.length, found.substring(0, 12), bytes, sha256.substring(0, 12), byHand(target)));
        }
        files.createDirectories(target.toAbsolutePath().getParent());
        files.write(target, content);
        return Fetched.WRITTEN;
    }

    private byte[] content(Path target) {
        try {
            if (origin instanceof Origin.Download download) {
                return download(download.uri());
            }
            String resource = ((Origin.Shipped) origin).resource();
            try (InputStream in = Dataset.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new StorageException("%s is missing from the class path: build Inkling again with Maven. %s"
                        .formatted(resource, byHand(target)));
                }
                return in.readNBytes(bytes + 1);
            }
        } catch (IOException e) {
            throw new StorageException("cannot fetch %s: %s. %s".formatted(name, FileFaults.messageOf(e), byHand(target)), e);
        }
    }

    private byte[] download(URI uri) throws IOException {
        HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).followRedirects(HttpClient.Redirect.NORMAL).build();
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWER_TIMEOUT).build();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new IOException("the server answered " + response.statusCode());
                }
                return body.readNBytes(bytes + 1);   // one byte more than expected, to notice a longer file
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private String byHand(Path target) {
        String where = origin instanceof Origin.Download download ? download.uri().toString() : "a machine that has it";
        return "You can also copy the file by hand to %s, from %s (%d bytes, sha256 %s).".formatted(target, where, bytes, sha256);
    }
}
