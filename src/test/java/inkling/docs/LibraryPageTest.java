package inkling.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program on the library page compiles and does what the page says. */
@Tag("process")
class LibraryPageTest {
    @Test
    void theProgramOnThePageTrainsAndSamples(@TempDir Path directory) throws IOException, InterruptedException {
        String text = PageProgram.run(Path.of("docs/library.md"), directory);
        assertTrue(text.contains("step 40: loss ") && text.contains("step 40: validation loss ") && text.contains("Macb"), text);
        assertTrue(Files.notExists(directory.resolve("checkpoints")), "runs are where the program said");
    }
}
