package inkling.run;

import inkling.formats.ChatTemplate;
import java.nio.file.Path;
import java.util.Optional;

/** Reads back files of a run or model directory for tests of other packages. */
public final class RunFiles {
    private RunFiles() {}

    public static void record(Path run) {
        RunRecord.read(run);
    }

    public static void samples(Path run) {
        SampleLog.read(run);
    }

    public static Optional<String> chatTemplate(Path directory) {
        ChatTemplate template = ChatTemplate.read(directory);
        template.files();
        return template.text();
    }
}
