package inkling.data.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.data.Batch;
import inkling.data.source.DataConfig.Order;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of conversations in {@code directory}, and two conversations for it. FIRST asks once; SECOND has a system message and asks twice.
 */
record TalkFile(Path directory) {
    static final ChatTokenizer TOKENIZER = new ChatTokenizer("<|endoftext|>");
    static final String FIRST = line("user", "Hi", "assistant", "Yo");
    static final String SECOND = line("system", "S", "user", "a", "assistant", "b", "user", "c", "assistant", "d");

    static String line(String... rolesAndContents) {
        StringBuilder messages = new StringBuilder();
        for (int i = 0; i < rolesAndContents.length; i += 2) {
            String message = "{\"role\":\"%s\",\"content\":\"%s\"}".formatted(rolesAndContents[i], rolesAndContents[i + 1]);
            messages.append(i == 0 ? "" : ",").append(message);
        }
        return "{\"messages\":[" + messages + "]}\n";
    }

    Path path() {
        return directory.resolve("talk.jsonl");
    }

    /** Writes the content to the file and reads it as {@link Conversations}. */
    Conversations read(String content, int contextLength) {
        try {
            Files.writeString(path(), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Conversations.read(List.of(path().toString()), ChatFormat.own(TOKENIZER), contextLength);
    }

    /** The first batch. Its ids show what is read, its targets what is learned. */
    Batch first(String content) {
        return read(content, 100).batches(Order.SEQUENTIAL, 1, 0).at(0);
    }

    static String userFault(Runnable work) {
        ConfigException e = assertThrows(ConfigException.class, work::run);
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        return e.getMessage();
    }
}
