package inkling.data.chat;

import static inkling.data.chat.TalkFile.FIRST;
import static inkling.data.chat.TalkFile.SECOND;
import static inkling.data.chat.TalkFile.TOKENIZER;
import static inkling.data.chat.TalkFile.line;
import static inkling.data.chat.TalkFile.userFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.Batch;
import inkling.data.Shard;
import inkling.data.source.DataConfig.Order;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens of conversations are learned, how batches are made of conversations, and how conversations are split. */
class ConversationsTest {
    private static final int END = 256;

    @TempDir
    Path directory;
    private TalkFile talk;

    @BeforeEach void begin() {
        talk = new TalkFile(directory);
    }

    private static String shown(long[] ids) {
        return TOKENIZER.decode(Arrays.stream(ids).filter(id -> id >= 0).mapToInt(Math::toIntExact).toArray());
    }



    @Test
    void theTargetsAreTheAssistantsTokensAndTheirEnd() {
        String text = "<|user|>\nHi\n<|assistant|>\nYo{<|endoftext|>}\n";
        Batch batch = talk.read(FIRST, 64).batches(Order.SEQUENTIAL, 1, 0).at(0);
        int[] tokens = TOKENIZER.encodePlain("<|user|>\nHi\n<|assistant|>\nYo?\n");
        tokens[tokens.length - 2] = END;
        assertEquals(text, TOKENIZER.decode(tokens));
        for (int i = 0; i < 64; i++) {
            assertEquals(i < tokens.length ? tokens[i] : 0, batch.ids()[i], "input " + i);
            boolean learned = i + 1 >= tokens.length - 4 && i + 1 < tokens.length - 1;
            assertEquals(learned ? tokens[i + 1] : Batch.IGNORED, batch.targets()[i], "target " + i);
        }
        assertEquals(3, batch.targetCount());
    }

    @Test
    void changingAQuestionChangesNoTargetAndChangingAnAnswerDoes() {
        long[] targets = talk.read(FIRST, 64).batches(Order.SEQUENTIAL, 1, 0).at(0).targets();
        assertArrayEquals(targets, talk.read(FIRST.replace("Hi", "Ho"), 64).batches(Order.SEQUENTIAL, 1, 0).at(0).targets());
        assertFalse(Arrays.equals(targets, talk.read(FIRST.replace("Yo", "No"), 64).batches(Order.SEQUENTIAL, 1, 0).at(0).targets()));
    }

    @Test
    void longConversationsAreCutAtATurnAndCounted() {
        // in tokens; each full stop stands for the token <|endoftext|>
        int whole = "<|system|>\nS\n<|user|>\na\n<|assistant|>\nb.\n<|user|>\nc\n<|assistant|>\nd.\n".length();
        int firstAnswer = "<|system|>\nS\n<|user|>\na\n<|assistant|>\nb.\n".length();
        assertEquals(List.of(), talk.read(SECOND, whole - 1).remarks());
        Conversations cut = talk.read(SECOND, whole - 2);
        assertEquals(1, cut.remarks().size());
        String expected = "1 of 1 conversations are longer than context_length " + (whole - 2);
        assertTrue(cut.remarks().get(0).contains(expected), cut.remarks().get(0));
        Batch batch = cut.batches(Order.SEQUENTIAL, 1, 0).at(0);
        assertEquals("b{<|endoftext|>}", shown(batch.targets()));
        assertEquals("b{<|endoftext|>}", shown(talk.read(SECOND, firstAnswer - 1).batches(Order.SEQUENTIAL, 1, 0).at(0).targets()));
        Conversations some = talk.read(FIRST + line("user", "x".repeat(80), "assistant", "y"), 40);
        assertEquals(1, some.count());
        assertTrue(some.remarks().get(0).contains("1 of 2 conversations have no answer within context_length 40"), some.remarks().get(0));
    }

    @Test
    void aFileInWhichNoAnswerIsWithinTheContextIsRefused() {
        String message = userFault(() -> talk.read(FIRST + SECOND, 8));
        assertTrue(message.contains("none of 2 conversations has an answer within context_length 8 + 1 tokens"), message);
        assertTrue(userFault(() -> talk.read("", 8)).contains("is empty: no conversation"));
    }

    @Test
    void eachConversationBeginsARow() {
        Conversations two = talk.read(FIRST + SECOND, 100);
        Batch batch = two.batches(Order.SEQUENTIAL, 3, 0).at(0);
        assertEquals("Yo{<|endoftext|>}", shown(Arrays.copyOfRange(batch.targets(), 0, 100)));
        assertEquals("b{<|endoftext|>}d{<|endoftext|>}", shown(Arrays.copyOfRange(batch.targets(), 100, 200)));
        assertEquals("Yo{<|endoftext|>}", shown(Arrays.copyOfRange(batch.targets(), 200, 300)));
        long[] next = two.batches(Order.SEQUENTIAL, 3, 0).at(1).targets();
        assertEquals("b{<|endoftext|>}d{<|endoftext|>}", shown(Arrays.copyOfRange(next, 0, 100)));
        long[] drawn = two.batches(Order.RANDOM, 8, 5).at(3).ids();
        assertArrayEquals(drawn, two.batches(Order.RANDOM, 8, 5).at(3).ids());
    }

    @Test
    void evaluationReadsEachConversationOnceOrTheSameDrawnOnes() {
        Conversations two = talk.read(FIRST + SECOND, 100);
        assertEquals(2, two.windows(8).windows());
        assertEquals(3 + 4, two.windows(8).tokens());
        assertEquals(2 + 2, two.windows(8).bytes(TOKENIZER));
        assertEquals(6, two.windows(2, 3, 1).windows());
        assertEquals(two.windows(2, 3, 1).tokens(), two.windows(2, 3, 1).tokens());
    }

    @Test
    void theLastConversationsAreForValidation() {
        Conversations all = talk.read(FIRST.repeat(9) + SECOND, 100);
        Conversations.Split parts = all.split(0.1);
        assertEquals(9, parts.training().count());
        assertEquals(4, parts.validation().windows(1).tokens());
        assertEquals(Sha256.of(FIRST.repeat(9) + SECOND), all.sha256());
        assertTrue(userFault(() -> talk.read(FIRST, 100).split(0.1)).contains("leaves 0 of 1 conversations to train on"));
    }

    @Test
    void theLastConversationsOfEveryFileAreForValidation() throws IOException {
        List<String> files = List.of(Files.writeString(directory.resolve("1.jsonl"), FIRST.repeat(5)).toString(),
            Files.writeString(directory.resolve("2.jsonl"), SECOND.repeat(10)).toString());
        ChatFormat format = ChatFormat.own(TOKENIZER);
        Conversations.Split parts = Conversations.read(files, format, 100).split(0.2);
        assertEquals(4 + 8, parts.training().count());
        assertEquals(3 + 2 * 4, parts.validation().windows(1).tokens());
        List<String> texts = Conversations.trainingTexts(files, Reading.PRESENT, 0.2);
        assertEquals(12, texts.size());
        assertEquals(4, texts.indexOf(texts.get(11)), "four of the first, then those of the second");
        Conversations.Split once = Conversations.read(files, Reading.VERSION_0_1, format, 100).split(0.2);
        assertEquals(12, once.training().count());
        assertEquals(3 * 4, once.validation().windows(1).tokens(), "version 0.1 cut all files as one");
        assertEquals(5, Conversations.trainingTexts(files, Reading.VERSION_0_1, 0.2).indexOf(texts.get(11)));
        List<String> single = List.of(Files.writeString(directory.resolve("3.jsonl"), FIRST).toString(), directory + "/3.jsonl");
        assertTrue(userFault(() -> Conversations.read(single, format, 100).split(0.5)).contains(
            "leaves 0 of 2 conversations to train on and 2 to validate on; both need at least 1. Each of the 2 files is cut."));
    }

    /**
     * Of the records 0 to 9, those from 4 to 7 have no answer within the window. The cut comes before record 5 all the same. So a tokenizer
     * that is fitted to the training texts never sees a validation text.
     */
    @Test
    void theCutIsAtTheSameRecordWhetherOrNotAllFit() throws IOException {
        String json = FIRST.repeat(4) + line("user", "x".repeat(80), "assistant", "y").repeat(4) + SECOND.repeat(2);
        List<String> file = List.of(Files.writeString(directory.resolve("some.jsonl"), json).toString());
        ChatFormat format = ChatFormat.own(TOKENIZER);
        Conversations.Split parts = Conversations.read(file, format, 60).split(0.5);
        assertEquals(5, Conversations.trainingTexts(file, Reading.PRESENT, 0.5).size());
        assertEquals(4, parts.training().count());
        assertEquals(2, parts.validation().count());
        Conversations.Split of01 = Conversations.read(file, Reading.VERSION_0_1, format, 60).split(0.5);
        assertEquals(3, of01.training().count(), "half of the six that fit");
        String late = FIRST.repeat(4) + line("user", "x".repeat(80), "assistant", "y");
        String told = userFault(() -> talk.read(late, 60).split(0.2));
        assertTrue(told.contains("leaves 4 of 4 conversations to train on and 0 to validate on"), told);
    }

    @Test
    void aRunOfVersion01ReadsMessagesAndIgnoresOtherKeys() throws IOException {
        String more = FIRST.replace("{\"messages\"", "{\"system\": \"S\", \"weight\": 0, \"messages\"");
        List<String> file = List.of(Files.writeString(directory.resolve("more.jsonl"), more).toString());
        Conversations of01 = Conversations.read(file, Reading.VERSION_0_1, ChatFormat.own(TOKENIZER), 100);
        assertArrayEquals(talk.first(FIRST).ids(), of01.batches(Order.SEQUENTIAL, 1, 0).at(0).ids());
        assertEquals(List.of(), of01.remarks());
        assertTrue(userFault(() -> Conversations.read(file, ChatFormat.own(TOKENIZER), 100))
            .contains("weight = 0 changes what is learned"));
    }

    /**
     * Conversations that are read from the written file give the same ids and targets. The workers' shares follow one another and together
     * have all conversations.
     */
    @Test
    void othersReadWhatWasWrittenAndShareIt() {
        Conversations all = talk.read((FIRST + SECOND).repeat(3) + FIRST, 48);
        Conversations read = Conversations.of(all.write(directory.resolve("chats.tokens"), Sha256.of("chats"), END + 1), 48);
        assertEquals(7, read.count());
        Batch expected = all.batches(Order.SEQUENTIAL, 7, 0).at(0);
        Batch whole = read.batches(Order.SEQUENTIAL, 7, 0).at(0);
        assertArrayEquals(expected.ids(), whole.ids());
        assertArrayEquals(expected.targets(), whole.targets());
        int first = 0;
        for (int worker = 0; worker < 3; worker++) {
            Conversations share = read.shard(new Shard(worker, 3));
            Batch batch = share.batches(Order.SEQUENTIAL, share.count(), 0).at(0);
            assertArrayEquals(Arrays.copyOfRange(expected.targets(), first * 48, (first + share.count()) * 48), batch.targets());
            first += share.count();
        }
        assertEquals(7, first, "every conversation is in a share");
        ConfigException many = assertThrows(ConfigException.class, () -> read.shard(new Shard(0, 8)));
        assertTrue(many.getMessage().contains("cluster.workers = 8") && many.getMessage().contains("only 7"), many.getMessage());
    }
}
