package inkling.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import inkling.run.folder.RunFolder;
import inkling.run.process.TrainingLauncher;
import inkling.serve.api.ServedModel;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import inkling.serve.runs.BesideTraining;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** A server over small models or over runs, on a free port of the loopback, and ways to ask it. */
public final class TestServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static TestServer shared;

    private final InklingServer server;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();

    /** A whole answer. */
    public record Answer(int status, HttpResponse<byte[]> response) {
        public String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            return parse(text());
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    private TestServer(ServeOptions options, List<ServedModel> models, String... expected) {
        server = InklingServer.start(models, List.of(expected), Optional.empty(), options, faults::add);
    }

    private TestServer(ServeOptions options, InklingServer.Runs runs) {
        server = InklingServer.start(List.of(), List.of(), Optional.of(runs), options, faults::add);
    }

    /**
     * A dashboard over the runs of a folder, without a model. While a client follows a run, the server reads the run's files every 5 ms, so
     * that no test waits long.
     */
    public static TestServer ofRuns(Path folder, ServeOptions options) {
        return ofRuns(folder, options, Optional.empty());
    }

    /** The same, started beside a training if {@code beside} has one. */
    public static TestServer ofRuns(Path folder, ServeOptions options, Optional<BesideTraining> beside) {
        return new TestServer(options, new InklingServer.Runs(new RunFolder(folder), new TrainingLauncher("inkling.cli.Main"),
            run -> new ServedModel(ModelNames.of(run.toString()),
            LoadedModel.open(ModelLocation.of(run, Optional.empty()), Optional.empty(),
                ComputeContext.of("cpu")), options.batching()), beside, Duration.ofMillis(5)));
    }

    private static List<ServedModel> own(ServeOptions options, String... names) {
        return Stream.of(names).map(name -> new ServedModel(name, LoadedModel.open(Fixtures.own(name), ComputeContext.of("cpu")),
            options.batching())).toList();
    }

    /** One server for all tests that leave it as it was: {@code gpt2} and {@code llama}, 4 slots. */
    public static synchronized TestServer shared() {
        if (shared == null) {
            shared = start(options(4, Limits.DEFAULT), "gpt2", "llama");
        }
        return shared;
    }

    /** @param models the names of our own models that it serves */
    public static TestServer start(ServeOptions options, String... models) {
        return new TestServer(options, own(options, models));
    }

    public static TestServer over(ServeOptions options, ServedModel... models) {
        return new TestServer(options, List.of(models));
    }

    /** A server that has no model yet; {@code server().open(…)} adds the expected ones. */
    public static TestServer expecting(ServeOptions options, String... names) {
        return new TestServer(options, List.of(), names);
    }

    public static ServeOptions options(int slots, Limits limits) {
        return new ServeOptions("127.0.0.1", 0, Optional.empty(), Set.of(), Set.of(),
            new BatcherOptions(slots, 64 << 20, BatcherOptions.WAITING), limits);
    }

    public static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    public InklingServer server() {
        return server;
    }

    public ServedModel model(String name) {
        return server.models().find(Optional.of(name));
    }

    public URI uri(String path) {
        return server.uri().resolve(path);
    }

    /** What went wrong on the server's side so far. */
    public List<Throwable> faults() {
        return List.copyOf(faults);
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path));
    }

    public Answer send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public Answer get(String path) {
        return send(request(path).build());
    }

    /** @param json with ' in place of each " */
    public Answer post(String path, String json) {
        return send(body(path, json));
    }

    private HttpRequest body(String path, String json) {
        return request(path).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'))).build();
    }

    /** The lines of a stream that are not empty. */
    public List<String> lines(String path, String json) {
        String text = post(path, json).text();
        return text.lines().filter(line -> !line.isEmpty()).toList();
    }

    /** The documents of a stream, without its {@code [DONE]}, which must be there. */
    public List<JsonNode> events(String path, String json) {
        List<String> lines = new ArrayList<>(lines(path, json));
        lines.removeIf(line -> line.startsWith(":"));
        if (!lines.remove(lines.size() - 1).equals("data: [DONE]")) {
            throw new AssertionError("no [DONE] at the end of " + lines);
        }
        return lines.stream().map(line -> {
            if (!line.startsWith("data: ")) {
                throw new AssertionError("no data: " + line);
            }
            return parse(line.substring(6));
        }).toList();
    }

    /** The value of a figure of {@code /metrics}. */
    public double figure(String name, String model) {
        String start = "inkling_" + name + "{model=\"" + model + "\"} ";
        return get("/metrics").text().lines().filter(line -> line.startsWith(start))
            .mapToDouble(line -> Double.parseDouble(line.substring(start.length()))).findFirst().orElseThrow();
    }

    /** A connection of its own, for what no HTTP client would send. */
    public Socket connect() throws IOException {
        Socket socket = new Socket(uri("/").getHost(), uri("/").getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends bytes as they are, and reads until the server closes the connection. */
    public String raw(String text) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return all(socket);
        }
    }

    /** All that comes until the server closes. */
    public static String all(Socket socket) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] some = new byte[8192];
        try {
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                bytes.write(some, 0, n);
            }
        } catch (java.net.SocketException reset) {
            // the server closed before it read all that we sent: what it answered until then counts
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
    }
}
