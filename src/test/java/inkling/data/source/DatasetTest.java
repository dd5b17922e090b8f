package inkling.data.source;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import inkling.Fixtures;
import inkling.data.source.Dataset.Fetched;
import inkling.data.source.Dataset.Origin;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.errors.StorageException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
    private static final String CONTENT = "First Citizen:";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"dickens", "macbeth"})
    void shippedDatasetsAreWrittenUnchanged(String name) throws IOException {
        Dataset dataset = Dataset.named(name);
        Path target = directory.resolve(dataset.file());
        assertEquals(Fetched.WRITTEN, dataset.fetch(target, DurableFiles.SYSTEM));
        assertEquals(dataset.sha256(), Sha256.of(target));
        assertEquals(dataset.bytes(), Files.size(target));
        assertEquals(Fetched.WAS_THERE, dataset.fetch(target, DurableFiles.SYSTEM));
    }

    @Test
    void anotherFileIsLeftAlone() throws IOException {
        Path target = Files.writeString(directory.resolve("dickens.txt"), "my own notes");
        ConfigException e = assertThrows(ConfigException.class, () -> Dataset.named("dickens").fetch(target, DurableFiles.SYSTEM));
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        assertTrue(e.getMessage().contains("exists and is not dickens") && e.getMessage().contains("left alone"), e.getMessage());
        assertEquals("my own notes", Files.readString(target));
    }

    @ParameterizedTest
    @CsvSource({"datasets/dickens/dickens.txt,dickens", "./datasets/macbeth/macbeth.txt,macbeth",
        "/home/a/datasets/dickens/dickens.txt,dickens",
        "datasets/tinyshakespeare/tinyshakespeare.txt,", "dickens.txt,", "datasets/dickens,", "xdatasets/dickens/dickens.txt,"})
    void aRunWritesOnlyShippedDatasetsByItself(Path path, String name) {
        assertEquals(Optional.ofNullable(name), Dataset.shippedAt(path).map(Dataset::name));
    }

    @Test
    void anUnknownNameIsAnsweredWithTheKnownOnes() {
        String message = assertThrows(ConfigException.class, () -> Dataset.named("moby")).getMessage();
        says(message, "moby", "dickens", "macbeth", "tinyshakespeare");
    }

    @Test
    void downloadsAreChecked() throws IOException {
        Path target = directory.resolve("a/b.txt");
        assertEquals(Fetched.WRITTEN, fetch(200, CONTENT, target));
        assertEquals(CONTENT, Files.readString(target));
        Files.delete(target);
        assertTrue(fault(200, CONTENT + " and more", target).contains("came with other bytes: the first 15 have sha256"));
        assertTrue(fault(200, "First", target).contains("nothing was written"));
        assertTrue(fault(404, CONTENT, target).contains("the server answered 404"));
        assertFalse(Files.exists(target));
    }

    @Test
    void aHostThatCannotBeReachedTellsHowToDoItByHand() throws IOException {
        int port = closedPort();
        Path target = directory.resolve("b.txt");
        StorageException e = assertThrows(StorageException.class, () -> dataset(port).fetch(target, DurableFiles.SYSTEM));
        assertEquals(ExitCode.CANNOT_READ_OR_WRITE, e.exitCode());
        assertTrue(e.getMessage().startsWith("cannot fetch sample: "), e.getMessage());
        assertTrue(e.getMessage().contains("copy the file by hand to %s, from http://127.0.0.1:%d/input.txt (14 bytes, sha256 %s)"
            .formatted(target, port, Sha256.of(CONTENT))), e.getMessage());
    }

    /**
     * Compares with the hash and the length known for tiny Shakespeare (nanoGPT's documentation tells the length), and with the file
     * itself if it is there.
     */
    @Test
    void theDownloadsHashIsThatOfTheCanonicalFile() {
        Dataset canonical = Dataset.named("tinyshakespeare");
        assertEquals("86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", canonical.sha256());
        assertEquals(1_115_394, canonical.bytes());
        Fixtures.sharedIfThere("data/tinyshakespeare.txt").forEach(file -> assertEquals(canonical.sha256(), Sha256.of(file)));
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Dataset dataset(int port) {
        return new Dataset("sample", Path.of("sample.txt"), CONTENT.length(), Sha256.of(CONTENT),
            new Origin.Download(URI.create("http://127.0.0.1:" + port + "/input.txt")));
    }

    private static Fetched fetch(int status, String body, Path target) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/input.txt", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            return dataset(server.getAddress().getPort()).fetch(target, DurableFiles.SYSTEM);
        } finally {
            server.stop(0);
        }
    }

    private static String fault(int status, String body, Path target) {
        return assertThrows(StorageException.class, () -> fetch(status, body, target)).getMessage();
    }
}
