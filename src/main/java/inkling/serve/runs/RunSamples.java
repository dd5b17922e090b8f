package inkling.serve.runs;

import inkling.errors.FileFaults;
import inkling.inspect.page.ReportPage.Sample;
import inkling.run.SampleLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/** What a run's model wrote along the way, read again when the file has changed. For any number of threads. */
final class RunSamples {
    private final Path run;
    private String version = "";
    private List<Sample> samples = List.of();

    RunSamples(Path run) {
        this.run = run;
    }

    private synchronized List<Sample> read() {
        try {
            BasicFileAttributes file = Files.readAttributes(run.resolve(SampleLog.FILE_NAME), BasicFileAttributes.class);
            String now = file.lastModifiedTime() + " " + file.size() + " " + file.fileKey();
            if (!now.equals(version)) {
                samples = SampleLog.read(run);
                version = now;
            }
        } catch (NoSuchFileException e) {
            samples = List.of();
            version = "";
        } catch (IOException e) {
            throw FileFaults.cannot("read", run.resolve(SampleLog.FILE_NAME), e);
        }
        return samples;
    }

    /** Of which there is a sample, rising. */
    List<Long> steps() {
        return read().stream().map(Sample::step).toList();
    }

    Optional<Sample> at(long step) {
        return read().stream().filter(sample -> sample.step() == step).findFirst();
    }
}
