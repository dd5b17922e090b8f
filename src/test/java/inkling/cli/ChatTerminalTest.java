package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code chat} as a person meets it, in a real pseudo-terminal, and as a filter. */
@DisabledOnOs(OS.WINDOWS)
@Tag("process")
@Tag("training")
class ChatTerminalTest {
    private static final String UP = "\033OA";          // the arrow key in application mode (terminfo smkx)
    private static final String BACKSPACE = "\177";
    private static final String ALT_ENTER = "\033\r";
    private static final String CTRL_C = "\003";
    private static final String CTRL_D = "\004";

    private static final String YOU = "you> ";
    private static final String READ = "[?2004l";       // what the line editor prints when a message is complete

    @TempDir static Path directory;
    private static Shell shell;

    /** A model that has learned nothing, with room for an answer of thousands of tokens. */
    @BeforeAll static void prepare() throws Exception {
        shell = Shell.in(directory);
        shell.write("tales.txt", Fixtures.tales());
        shell.write("long.yaml", """
            name: long
            data: {train: tales.txt, tokenizer: {type: bpe, vocab_size: 400}}
            model: {n_layer: 2, n_head: 2, n_embd: 32, context_length: 16384}
            schedule: {type: constant, learning_rate: 1.0e-30}
            train: {max_steps: 1, batch_size: 1, context_length: 64, eval_batches: 1, sample: null}
            """);
        Shell.Result trained = shell.run("train", "long.yaml");
        assertEquals(0, trained.exit(), trained.err());
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static Terminal chat(String... options) throws Exception {
        Terminal terminal = Terminal.of(shell, "chat", "long", options);
        terminal.waitFor(YOU);
        return terminal;
    }

    @Test void aLineCanBeEditedAndCalledBack() throws Exception {
        try (Terminal terminal = chat()) {
            assertTrue(terminal.printed().contains("never saw a conversation"), terminal.printed());
            terminal.type("/sex" + BACKSPACE + "t temperature=0.25\r");
            terminal.waitFor("temperature=0.25 top_k=0");
            terminal.waitFor(YOU);
            terminal.type("/set top_k=7\r");
            terminal.waitFor("temperature=0.25 top_k=7");
            terminal.waitFor(YOU);
            terminal.type(UP + UP + BACKSPACE + "9\r");
            terminal.waitFor("temperature=0.29 top_k=7");
            terminal.waitFor(YOU);
            terminal.type("/quit\r");
            assertEquals(0, terminal.end());
        }
    }

    @Test void aMessageMayHaveSeveralLines() throws Exception {
        try (Terminal terminal = chat("--max-tokens", "5")) {
            terminal.type("one" + ALT_ENTER + "two\\\rthree\r");
            terminal.waitFor(READ);
            terminal.waitFor(YOU);
            terminal.type("/save talk.jsonl\r");
            terminal.waitFor("written: talk.jsonl");
            terminal.waitFor(YOU);
            terminal.type("/save talk.jsonl\r");
            terminal.waitFor("exists already");
            terminal.waitFor(YOU);
            terminal.type(CTRL_D);
            assertEquals(0, terminal.end());
        }
        JsonNode messages = new ObjectMapper().readTree(shell.read("talk.jsonl")).path("messages");
        assertEquals("one\ntwo\nthree", messages.path(0).path("content").asText());
        assertEquals("assistant", messages.path(1).path("role").asText());
    }

    @Test void controlCStopsTheAnswerAndNotTheProgram() throws Exception {
        try (Terminal terminal = chat("--max-tokens", "16000", "--ignore-eos")) {
            terminal.type("hello\r");
            terminal.waitFor(READ);
            terminal.waitForMore(100);                              // characters: the answer has begun
            terminal.type(CTRL_C);
            terminal.waitFor("(stopped)");
            terminal.waitFor(YOU);
            terminal.type(CTRL_C);
            terminal.waitFor("Ctrl-D or /quit ends the chat");
            terminal.waitFor(YOU);
            terminal.type("/save stopped.jsonl\r");
            terminal.waitFor("written: stopped.jsonl");
            terminal.waitFor(YOU);
            terminal.type("/quit\r");
            assertEquals(0, terminal.end());
        }
        int length = new ObjectMapper().readTree(shell.read("stopped.jsonl")).path("messages").path(1).path("content").asText().length();
        assertTrue(length < 15_000, "the answer has %d characters; 16,000 tokens were allowed".formatted(length));
    }

    @Test void aPipeIsReadLineByLine() throws Exception {
        Path typed = shell.write("typed.txt",
            "/set temperature=0\none\\\ntwo\n/save no\0name\n/save piped.jsonl\n/sav\n/system Be brief.\n/quit\nnot read\n");
        Shell.Result result = Shell.finish(shell.process(List.of(), "chat", "long", "--max-tokens", "5")
            .redirectInput(typed.toFile()));
        assertEquals(0, result.exit(), result.out());
        assertEquals("one\ntwo", new ObjectMapper().readTree(shell.read("piped.jsonl")).at("/messages/0/content").asText());
        assertTrue(result.out().contains("/sav is none of") && result.out().contains("Did you mean /save?"), result.out());
        assertTrue(result.out().contains("no\\x00name is not a valid path"), result.out());
        assertTrue(result.out().contains("The model is told: Be brief."), result.out());
        assertFalse(result.out().contains("you> "), "a pipe gets no prompt");
    }
}
