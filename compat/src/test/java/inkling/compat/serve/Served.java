package inkling.compat.serve;

import inkling.engine.ComputeContext;
import inkling.run.LoadedModel;
import inkling.serve.InklingServer;
import inkling.serve.ServeOptions;
import inkling.serve.api.ServedModel;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A live server over the small model {@code llama} of the core's tests. */
final class Served implements AutoCloseable {
    static final String MODEL = "llama";

    private final InklingServer server;

    Served() {
        ServeOptions options = new ServeOptions("127.0.0.1", 0, Optional.empty(), Set.of(), Set.of(), new BatcherOptions(4, 64 << 20, 16),
            Limits.DEFAULT);
        Path directory = Path.of("../src/test/resources/inkling/models").resolve(MODEL);
        server = InklingServer.start(List.of(new ServedModel(MODEL, LoadedModel.open(directory, ComputeContext.of("cpu")),
            options.batching())), options, Throwable::printStackTrace);
    }

    /** {@code http://127.0.0.1:PORT}. */
    String address() {
        return server.uri().toString();
    }

    /** How many samples are being generated. */
    int busy() {
        return server.models().all().get(0).batcher().figures().running();
    }

    @Override
    public void close() {
        server.close();
    }
}
