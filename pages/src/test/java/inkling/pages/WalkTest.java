package inkling.pages;

import inkling.Fixtures;
import inkling.serve.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Uses most parts of the playground once: with a run that was just trained, and with a model of GPT-2's format if {@code ../shared} has it.
 */
class WalkTest extends PlaygroundTests {
    @TempDir static Path directory;
    private static Path run;

    @Override TestServer serve() throws IOException {
        run = LearnedRun.train(directory);
        return LearnedRun.serve(models().toArray(Path[]::new));
    }

    static Stream<Path> models() {
        return Stream.concat(Stream.of(run), Fixtures.sharedIfThere("pretrained/dickens-gpt2"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void allThatThePlaygroundDoes(Path model, @TempDir Path folder) throws IOException {
        new Walk(page, server).through(model, folder);
    }
}
