package inkling.data.source;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenShardsTest {
    @TempDir Path directory;

    private TokenShards written() throws IOException {
        Files.createFile(directory.resolve("part-0.tokens"));
        TokenShards shards = new TokenShards(directory, "ab".repeat(32), 300, OptionalInt.of(256), List.of(0, 299),
            List.of(new TokenShards.ShardFile("part-0.tokens", "cd".repeat(32), 1, 8)));
        shards.write();
        return shards;
    }

    @Test void readsWhatItWrites() throws IOException {
        TokenShards written = written();
        assertEquals(written, TokenShards.read(directory));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"beginning\" : [ 0, 299 ] | \"beginning\" : [ 0, 3000000000 ] | beginning = [0,3000000000] | 0 … 299",
        "\"beginning\" : [ 0, 299 ] | \"beginning\" : [ -1 ]            | beginning = [-1]           | 0 … 299",
        "\"beginning\" : [ 0, 299 ] | \"beginning\" : [ 300 ]           | beginning = [300]          | 0 … 299",
        "\"between\" : 256          | \"between\" : 300                 | between = 300              | 0 … 299",
        "\"between\" : 256          | \"between\" : -1                  | between = -1               | 0 … 299",
        "\"vocab_size\" : 300       | \"vocab_size\" : 0                | vocab_size = 0             | at least 1",
        "\"from\" : 1               | \"from\" : 9                      | shards[0].from = 9         | to = 8"})
    void theRefusalOfAnImpossibleNumberNamesFileFieldAndValue(String valid, String wrong, String said, String rule) throws IOException {
        written();
        Path list = directory.resolve(TokenShards.FILE_NAME);
        String json = Files.readString(list);
        assertTrue(json.contains(valid), json);
        Files.writeString(list, json.replace(valid, wrong));
        says(assertThrows(ModelFormatException.class, () -> TokenShards.read(directory)).getMessage(), list, said, rule);
    }
}
