package inkling.runfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigDocsTest {
    @Test
    void theCommittedPageIsTheGeneratedOne() throws IOException {
        assertEquals(ConfigDocs.markdown(), Files.readString(Path.of("docs", "config.md"), StandardCharsets.UTF_8).replace("\r\n", "\n"),
            "docs/config.md is stale; write it anew: java -cp 'target/classes:target/lib/*' inkling.runfile.ConfigDocs > docs/config.md");
    }
}
