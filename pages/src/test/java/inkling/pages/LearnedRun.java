package inkling.pages;

import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.run.LoadedModel;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.serve.ServeOptions;
import inkling.serve.TestServer;
import inkling.serve.api.ServedModel;
import inkling.serve.http.Limits;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Trains a run of 40 updates, with a checkpoint after every fifth update, and serves models. */
final class LearnedRun {
    static final String NAME = "learned";

    private LearnedRun() {}

    /** Trains the run {@value #NAME}, which keeps all checkpoints, in {@code directory}. Returns the run's directory. */
    static Path train(Path directory) throws IOException {
        return train(directory, NAME, "all");
    }

    /** Trains a run in {@code directory}, and returns its directory. @param keep the value of {@code train.keep_checkpoints} */
    static Path train(Path directory, String name, String keep) throws IOException {
        Files.writeString(directory.resolve("tales.txt"), Fixtures.tales());
        Files.writeString(directory.resolve(name + ".yaml"), """
            name: %s
            threads: 1
            data: {train: %s, tokenizer: {type: bpe, vocab_size: 320}}
            model: {n_layer: 2, n_head: 2, n_embd: 32, context_length: 64}
            schedule: {learning_rate: 3.0e-3, warmup_steps: 5}
            train: {max_steps: 40, batch_size: 8, log_interval: 5, eval_interval: 10, eval_batches: 4, checkpoint_interval: 5,
              keep_checkpoints: %s, sample: null}
            """.formatted(name, directory.resolve("tales.txt"), keep));
        TrainRun.begin(ConfigFile.read(directory.resolve(name + ".yaml"), List.of()), directory, new TrainingListener() { }, () -> false);
        return directory.resolve(name);
    }

    /** Resumes the run until it has {@code steps} updates in all. */
    static void resume(Path run, long steps) {
        TrainRun.resume(run.toString(), run.getParent(), List.of("train.max_steps=" + steps), new TrainingListener() { }, () -> false);
    }

    /** The step of the run's newest checkpoint. */
    static long newest(Path run) throws IOException {
        return Long.parseLong(Files.readString(run.resolve("last")).strip().substring("step-".length()));
    }

    /** A server with these models; each has the name of its directory. */
    static TestServer serve(Path... models) {
        return serve(0, models);
    }

    /** @param port 0 for any free port */
    static TestServer serve(int port, Path... models) {
        ServeOptions any = TestServer.options(4, Limits.DEFAULT);
        ServeOptions options = new ServeOptions(any.host(), port, any.apiKey(), any.allowedHosts(), any.allowedOrigins(), any.batching(),
            any.limits());
        return TestServer.over(options, Stream.of(models).map(model -> new ServedModel(model.getFileName().toString(),
            LoadedModel.open(model, ComputeContext.of("cpu")), options.batching())).toArray(ServedModel[]::new));
    }
}
