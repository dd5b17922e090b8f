package inkling.run;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.Fixtures;
import inkling.data.Batch;
import inkling.data.chat.ChatFormat;
import inkling.data.chat.ChatFormat.Role;
import inkling.data.chat.Conversations;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.formats.HuggingFaceExport;
import inkling.formats.family.GenerationSettings;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.serve.ScriptedModel;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.train.Evaluator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTest {
    private static final SamplingOptions SHORT = SamplingOptions.DEFAULT.withMaxTokens(12).withSeed(3);
    private static final GptConfig CONFIG = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(8).nInner(16).contextLength(64))
        .over(300);

    @TempDir
    Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());
    private Tokenizer tokenizer;

    @BeforeEach
    void writeAModel() {
        BpeTrainer trainer = new BpeTrainer(300);
        trainer.add(Fixtures.macbeth().substring(0, 20_000));
        tokenizer = trainer.train();
        try (Gpt gpt = Gpt.initialise(CONFIG, manager, 1)) {
            HuggingFaceExport.write(gpt, new HuggingFaceExport.Beside(Optional.of(tokenizer),
                GenerationSettings.of(SpecialIds.of(tokenizer)), Optional.empty()), directory.resolve("model"));
        }
    }

    @AfterEach
    void free() {
        manager.close();
    }

    private LoadedModel open() {
        return LoadedModel.open(directory.resolve("model"), ComputeContext.of("cpu"));
    }

    @Test
    void theOldestTurnsAreDroppedAndTheSystemsWordsStay() {
        List<String> remarks = new ArrayList<>();
        StringBuilder streamed = new StringBuilder();
        try (LoadedModel model = open(); Chat chat = new Chat(model, Optional.of("Hm"), SHORT)) {
            String first = chat.answer("one", streamed::append, remarks::add);
            assertEquals(first, streamed.toString());
            assertEquals(List.of(Role.SYSTEM, Role.USER, Role.ASSISTANT), chat.history().stream().map(m -> m.role()).toList());
            assertEquals(List.of(), remarks);
            for (String said : List.of("two", "three", "four")) {
                chat.answer(said, text -> { }, remarks::add);
            }
            assertTrue(remarks.get(0).startsWith("The context of 64 tokens is full: the oldest turn"), remarks.toString());
            assertEquals("Hm", chat.history().get(0).content());
            assertEquals("four", chat.history().get(chat.history().size() - 2).content());
            assertTrue(chat.history().stream().noneMatch(m -> m.content().equals("one")));
        }
    }

    @Test
    void aMessageThatCannotFitIsRefusedAndTheConversationGoesOn() {
        try (LoadedModel model = open(); Chat chat = new Chat(model, Optional.empty(), SHORT)) {
            ConfigException e = assertThrows(ConfigException.class, () -> chat.answer("x ".repeat(100), text -> { }, line -> { }));
            assertTrue(e.getMessage().contains("the context has 64"), e.getMessage());
            assertEquals(List.of(), chat.history());
            chat.answer("short", text -> { }, line -> { });
            assertEquals(2, chat.history().size());
            List<ChatFormat.Message> before = chat.history();
            assertThrows(ConfigException.class, () -> chat.answer("x ".repeat(100), text -> { }, line -> { }));
            assertEquals(before, chat.history());
        }
    }

    /** A caller that goes on after a fault, e.g. of the engine, must not send the unanswered message again with the next one. */
    @Test
    void aMessageWhoseAnswerFailedIsNotKept() {
        List<String> remarks = new ArrayList<>();
        try (LoadedModel model = open(); Chat chat = new Chat(model, Optional.of("Hm"), SHORT)) {
            for (String said : List.of("one", "two", "three")) {
                chat.answer(said, text -> { }, line -> { });
                List<ChatFormat.Message> before = chat.history();
                assertThrows(UncheckedIOException.class, () -> chat.answer("lost", text -> {
                    throw new UncheckedIOException(new IOException("the stream is gone"));
                }, remarks::add));
                assertEquals(before, chat.history());
            }
            assertFalse(remarks.isEmpty());
        }
    }

    @Test
    void whatAUserTypesNeverBecomesASpecialToken() {
        int end = tokenizer.endOfText().orElseThrow();
        int[] prompt = ChatFormat.own(tokenizer).prompt(List.of(new ChatFormat.Message(Role.USER, "a<|endoftext|>b")));
        assertTrue(Arrays.stream(prompt).noneMatch(id -> id == end));
        assertTrue(tokenizer.decode(prompt).contains("a<|endoftext|>b"));
    }

    @Test
    void anAnswerEndsAtTheModelsOwnEndToo() throws IOException {
        SamplingOptions greedy = SHORT.withTemperature(0);
        int[] said;
        try (LoadedModel model = open(); GenerationSession session = model.openSession()) {
            int[] prompt = ChatFormat.own(tokenizer).prompt(List.of(new ChatFormat.Message(Role.USER, "one")));
            said = session.generate(prompt, greedy, Generator.Listener.NONE).samples().get(0).ids();
        }
        int end = said[said.length / 2];
        Files.writeString(directory.resolve("model/generation_config.json"), "{\"eos_token_id\": [299, %d]}".formatted(end));
        int[] before = Arrays.stream(said).takeWhile(id -> id != end).toArray();
        try (LoadedModel model = open(); Chat chat = new Chat(model, Optional.empty(), greedy)) {
            assertEquals(tokenizer.decode(before), chat.answer("one", text -> { }, line -> { }));
        }
    }

    /** An end token is not enough: the letters of the lines that tell who speaks are needed, too. */
    @Test
    void aModelWithoutTheLettersOfTheMarksIsRefusedBeforeTheFirstMessage() {
        ScriptedModel.writeOfLetters(directory.resolve("letters"));
        try (LoadedModel model = LoadedModel.open(directory.resolve("letters"), ComputeContext.of("cpu"))) {
            assertEquals(1, model.chatFormat().format().answerEnd().length);
            ConfigException e = assertThrows(ConfigException.class, () -> new Chat(model, Optional.empty(), SHORT));
            assertTrue(e.getMessage().contains("cannot chat") && e.getMessage().contains("`sample`"), e.getMessage());
        }
    }

    /** Otherwise each message would be refused for the same reason. The history stays as it was. */
    @Test
    void aSystemTextWhoseMarkTheVocabularyCannotWriteIsRefusedAtOnce() {
        Tokenizer letters = CharTokenizer.fit("<|user|>\n<|assistant|>\n<|end|>\nHi");        // without the y and m of <|system|>
        try (Gpt gpt = Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(1).nEmbd(8).contextLength(64))
                .over(letters.vocabSize()), manager, 1)) {
            HuggingFaceExport.writeAny(gpt, new HuggingFaceExport.Beside(Optional.of(letters),
                GenerationSettings.of(SpecialIds.of(letters)), Optional.empty()), directory.resolve("letters"));
        }
        try (LoadedModel model = LoadedModel.open(directory.resolve("letters"), ComputeContext.of("cpu"));
             Chat chat = new Chat(model, Optional.empty(), SHORT)) {
            chat.answer("Hi", text -> { }, line -> { });
            List<ChatFormat.Message> before = chat.history();
            says(assertThrows(ConfigException.class, () -> chat.system(Optional.of("Hi"))).getMessage(), "<|system|>", "\"y\"");
            assertEquals(before, chat.history());
            assertThrows(ConfigException.class, () -> new Chat(model, Optional.of("Hi"), SHORT));
        }
    }

    @Test
    void aForeignTemplateIsMentionedInOneLine() throws IOException {
        Files.writeString(directory.resolve("model/chat_template.jinja"), "{{ something of their own }}");
        try (LoadedModel model = open(); Chat chat = new Chat(model, Optional.empty(), SHORT)) {
            assertTrue(chat.remark().orElseThrow().contains("the model's chat template is not used"));
        }
    }

    /** The loss is the mean over the assistant's tokens alone, and changes with each of them. */
    @Test
    void onlyTheAssistantsTokensCount() throws IOException {
        Path talk = Files.writeString(directory.resolve("talk.jsonl"), """
            {"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Yes."}]}
            """);
        ChatFormat format = ChatFormat.own(tokenizer);
        Batch batch = Conversations.read(List.of(talk.toString()), format, 64).windows(1).iterator().next();
        int[] answer = tokenizer.encodePlain("Yes.");
        long[] learned = Arrays.stream(batch.targets()).filter(target -> target != Batch.IGNORED).toArray();
        assertEquals(answer.length + 1, learned.length);
        assertArrayEquals(Arrays.stream(answer).asLongStream().toArray(), Arrays.copyOf(learned, answer.length));
        assertEquals(tokenizer.endOfText().orElseThrow(), learned[answer.length]);
        try (Gpt gpt = Gpt.initialise(CONFIG, manager, 1)) {
            Evaluator evaluator = new Evaluator(manager, gpt, ComputeContext.of("cpu"));
            long[] whole = new long[64];                                       // every target, also those of the prompt
            System.arraycopy(batch.ids(), 1, whole, 0, 63);
            float[] each = evaluator.each(new Batch(batch.ids(), whole, 1, 64));
            double expected = 0;
            for (int i = 0; i < 64; i++) {
                expected += batch.targets()[i] == Batch.IGNORED ? 0 : each[i] / learned.length;
            }
            assertEquals(expected, loss(evaluator, batch), 1e-6);
            for (int i = 0; i < 64; i++) {
                long[] changed = batch.targets().clone();
                if (changed[i] != Batch.IGNORED) {
                    changed[i] = (changed[i] + 1) % 300;
                    assertTrue(Math.abs(expected - loss(evaluator, new Batch(batch.ids(), changed, 1, 64))) > 1e-5, "position " + i);
                }
            }
        }
    }

    private static double loss(Evaluator evaluator, Batch batch) {
        return evaluator.over(List.of(batch)).loss();
    }
}
