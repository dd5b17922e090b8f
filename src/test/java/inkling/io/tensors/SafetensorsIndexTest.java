package inkling.io.tensors;

import static inkling.io.tensors.SafetensorsTest.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.io.DurableFiles;
import inkling.io.tensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsIndexTest {
    @TempDir Path dir;

    @Test void aSingleFileAndShardsReadAlike() throws IOException {
        shard("model.safetensors", "a", "b");
        try (SafetensorsIndex weights = SafetensorsIndex.open(dir)) {
            assertEquals(List.of("a", "b"), List.copyOf(weights.tensors().keySet()));
        }
        Files.delete(dir.resolve("model.safetensors"));
        shard("s-1", "b");
        shard("s-2", "a", "c");
        index("\"a\":\"s-2\",\"b\":\"s-1\",\"c\":\"s-2\"");
        try (SafetensorsIndex weights = SafetensorsIndex.open(dir)) {
            assertEquals(List.of("b", "a", "c"), List.copyOf(weights.tensors().keySet()));
            assertArrayEquals(new float[] {'c'}, weights.file("c").orElseThrow().floats("c"));
            assertEquals(dir.resolve("s-1"), weights.file("b").orElseThrow().path());
            assertTrue(weights.file("d").isEmpty());
            assertEquals(2, weights.files().size());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'a':'s-1','b':'s-1'                    | disagrees with its files: b is not in s-1.",
        "'a':'s-2','c':'s-2'                    | disagrees with its files: a is not in s-2.",
        "'c':'s-2','a':'s-1','x':'s-1','y':'s-2' | disagrees with its files: x is not in s-1; y is not in s-2.",
        "'c':'s-3'                              | disagrees with its files: d is in s-3, but the index does not say so.",
        "'a':'s-1','c':'s-9' | s-9 does not exist, although model.safetensors.index.json names it. Fetch the missing file.",
        "'a':'../s-1'                           | weight_map.a = \"../s-1\" is not the name of a file in this directory.",
        "'a':'/etc/passwd'                      | weight_map.a = \"/etc/passwd\" is not the name of a file in this directory.",
        "'a':'sub\\\\s-1'                       | is not the name of a file in this directory.",
        "'a':'..'                               | is not the name of a file in this directory.",
        "'a':''                                 | is not the name of a file in this directory.",
        "'a':'sub'                              | sub is a directory, expected a file, although",
        "'a':1                                  | weight_map.a is 1, expected a string.",
        "'a':'s-1','a':'s-1'                    | Duplicate field 'a'",
        "``                                     | weight_map names 0 files, expected 1 to 1000.",
    })
    void anIndexThatDisagreesWithItsFilesIsRefused(String weightMap, String expected) throws IOException {
        Files.createDirectory(dir.resolve("sub"));
        shard("s-1", "a");
        shard("s-2", "c");
        shard("s-3", "c", "d");
        index(weightMap.replace('\'', '"'));
        assertFault(() -> SafetensorsIndex.open(dir), expected);
    }

    @Test void oneTensorInTwoShardsIsRefused() throws IOException {
        shard("s-1", "a");
        shard("s-2", "a", "c");
        index("\"a\":\"s-1\",\"c\":\"s-2\"");
        assertFault(() -> SafetensorsIndex.open(dir), "a is in s-2, but the index does not say so.");
    }

    @Test void aDirectoryWithoutSafetensorsSaysWhatItHasInstead() throws IOException {
        assertFault(() -> SafetensorsIndex.open(dir), dir + " has neither model.safetensors nor model.safetensors.index.json.");
        Files.createFile(dir.resolve("pytorch_model.bin"));
        assertFault(() -> SafetensorsIndex.open(dir), "pytorch_model.bin is a PyTorch file: loading one can run code, so it is refused."
                + " If you trust the file, convert it: model.save_pretrained(directory, safe_serialization=True).");
        assertFault(() -> SafetensorsIndex.open(dir.resolve("no")), dir.resolve("no") + " is not a directory.");
    }

    private void shard(String file, String... names) {
        List<Entry> entries = Stream.of(names).map(name -> Entry.floats(name, List.of(1L), new float[] {name.charAt(0)})).toList();
        DurableFiles.SYSTEM.write(dir.resolve(file), SafetensorsWriter.content(entries, Map.of()));
    }

    private void index(String weightMap) throws IOException {
        Files.writeString(dir.resolve("model.safetensors.index.json"),
                "{\"metadata\":{\"total_size\":12},\"weight_map\":{" + weightMap + "}}");
    }
}
