package inkling.serve.runs;

import inkling.inspect.page.ReportPage.Sample;
import inkling.run.SampleLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a run's model wrote along the way. For any number of threads. */
final class RunSamples {
    private final FileContent<List<Sample>> file;

    RunSamples(Path run) {
        file = new FileContent<>(run.resolve(SampleLog.FILE_NAME), () -> SampleLog.read(run));
    }

    private List<Sample> read() {
        return file.read().orElse(List.of());
    }

    /** Of which there is a sample, rising. */
    List<Long> steps() {
        return read().stream().map(Sample::step).toList();
    }

    Optional<Sample> at(long step) {
        return read().stream().filter(sample -> sample.step() == step).findFirst();
    }
}
