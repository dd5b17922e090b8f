package inkling.io;

import static inkling.Says.says;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.io.tensors.SafetensorsMutations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";   // FIPS 180-4's example

    @TempDir Path parent;
    private Path dir;

    @BeforeEach void aDirectory() {
        dir = parent.resolve("step-1");
        Map<String, Content> files = new LinkedHashMap<>();
        files.put("model", Content.of("abc".getBytes(UTF_8)));
        files.put("config", out -> {
            out.write('{');
            out.write("}".getBytes(UTF_8));
        });
        DurableFiles.SYSTEM.writeDirectory(dir, files);
    }

    @Test void aWholeDirectoryVerifiesAndExtraFilesAreIgnored() throws IOException {
        Files.createFile(dir.resolve("notes.txt"));
        Manifest manifest = Manifest.read(dir).orElseThrow();
        manifest.verify(dir);
        assertEquals(new Manifest.Entry(ABC, 3), manifest.files().get("model"));
        assertEquals(ABC, Sha256.of(dir.resolve("model")));
        assertEquals(ABC, Sha256.of("abc"));
        assertEquals(2, manifest.files().get("config").bytes());
        assertEquals(Optional.empty(), Manifest.read(parent));
    }

    @Test void everyDifferenceIsNamedWithBothValues() throws IOException {
        Files.writeString(dir.resolve("model"), "abd");
        Files.writeString(dir.resolve("config"), "{");
        String message = assertThrows(ModelFormatException.class, () -> Manifest.read(dir).orElseThrow().verify(dir)).getMessage();
        says(message, dir.resolve("model"), Sha256.of("abd"), ABC, "\n" + dir.resolve("config"), "1 bytes", "2", "Use another checkpoint");
        Files.delete(dir.resolve("config"));
        assertFault("config does not exist, although manifest.json lists it.", () -> Manifest.read(dir).orElseThrow().verify(dir));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "\"format_version\" : 1 | \"format_version\" : 7     | has format version 7; this program reads up to 1. Update Inkling",
        "\"format_version\" : 1 | \"format_version\" : 0     | must be at least 1",
        "\"format_version\" : 1 | \"format_version\" : \"1\" | format_version is \"1\" (a string), expected an integer",
        "\"model\"              | \"../model\"               | is not the name of a file in this directory.",
        "\"model\"              | \"config\"                 | Duplicate field 'config'",
        "\"bytes\" : 3          | \"bytes\" : 3.0            | files.model.bytes is 3.0, expected an integer",
        "\"ba78                 | \"BA78                     | is not a hash of 64 lower-case hexadecimal digits",
        "\"sha256\"             | \"sha255\"                 | unknown field files.model.sha255",
    })
    void aDamagedManifestIsRefused(String original, String damaged, String expected) throws IOException {
        Path file = dir.resolve(Manifest.FILE_NAME);
        String content = Files.readString(file);
        assertTrue(content.contains(original), content);
        Files.writeString(file, content.replaceFirst(java.util.regex.Pattern.quote(original), damaged));
        assertFault(expected, () -> Manifest.read(dir));
    }

    @Test void everyFlippedBitIsDetected() throws IOException {
        for (String name : new String[] {"model", "config", Manifest.FILE_NAME}) {
            byte[] bytes = Files.readAllBytes(dir.resolve(name));
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                SafetensorsMutations.overwrite(dir.resolve(name), bytes);
                assertThrows(ModelFormatException.class, () -> Manifest.read(dir).orElseThrow().verify(dir), name + " bit " + bit);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
            }
            Files.write(dir.resolve(name), bytes);
        }
        Manifest.read(dir).orElseThrow().verify(dir);
    }

    private static void assertFault(String expected, org.junit.jupiter.api.function.Executable read) {
        String message = assertThrows(ModelFormatException.class, read).getMessage();
        assertTrue(message.contains(expected), message);
    }
}
