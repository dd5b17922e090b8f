package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.TinyRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the commands refuse what they cannot work with. {@link TrainFaultsTest} has more of this for {@code train}. */
@Tag("process")
class CommandFaultsTest {
    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void trainOnce() throws IOException {
        TinyRun.files(directory);
        shell = Shell.in(directory);
        Shell.Result trained = shell.run("train", "tiny.yaml", "--set", "train.max_steps=1");
        assertEquals(0, trained.exit(), trained.err());
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static void refused(int exit, String message, String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertTrue(result.err().contains(message), result.err());
        assertEquals(exit, result.exit(), result.err());
        assertEquals("", result.out());
    }

    @Test void aModelThatIsNotThereIsMissed() throws IOException {
        String missing = "nothing does not exist, nor does checkpoints/nothing: name a run directory, a run's name, a checkpoint,"
            + " or a model directory. Inkling downloads no models.";
        refused(2, missing, "sample", "nothing", "--prompt", "a");
        refused(2, missing, "eval", "nothing", "--data", "corpus.txt");
        refused(2, missing, "params", "nothing");
        refused(2, missing, "tokenize", "nothing", "--text", "a");
        Files.createDirectories(directory.resolve("bare"));
        refused(4, "bare is not a model: it has neither config.json (a model directory) nor checkpoints (a run directory).",
            "sample", "bare",
            "--prompt", "a");
        refused(2, "there is no checkpoint of step 7; there are 1, 0.", "sample", "tiny", "--checkpoint", "7", "--prompt", "a");
        refused(2, "--checkpoint newest is none of last, best, or a step such as 500.", "sample", "tiny", "--checkpoint", "newest",
            "--prompt", "a");
    }

    @Test void aCorpusThatIsNotFetchedYetIsNamedWithItsCommand() {
        refused(2, "datasets/dickens/dickens.txt does not exist: `./inkling data fetch dickens` writes it;", "eval", "tiny",
            "--data", "datasets/dickens/dickens.txt");
        refused(2, "`./inkling data fetch tinyshakespeare` downloads it;", "context", "tiny",
            "--data", "datasets/tinyshakespeare/tinyshakespeare.txt");
    }

    @Test void aPathWithANulCharacterIsRefused() throws IOException {
        shell.write("pathless.yaml", inkling.TinyRun.CONFIG.replace("train: corpus.txt", "train: \"cor\\0pus\""));
        refused(2, "is not a valid path on this system: Nul character not allowed. Choose another name.", "train", "pathless.yaml",
            "--run", "pathless");
        shell.write("pathless.yaml", inkling.TinyRun.CONFIG.replaceFirst("model: .*", "model: {init_from: \"a\\\\0b\"}")
            .replace(", tokenizer: {type: char, fit: all}", ""));
        refused(2, "is not a valid path on this system: Nul character not allowed. Choose another name.", "train", "pathless.yaml",
            "--run", "pathless");
    }

    @Test void aPromptThatCannotBeReadOrContinuedIsRefused() throws IOException {
        Files.write(directory.resolve("latin1.txt"), new byte[] {'a', (byte) 0xE9, 'c'});
        refused(2, "--prompt-file none.txt does not exist.", "sample", "tiny", "--prompt-file", "none.txt");
        refused(2, "latin1.txt is not UTF-8: byte 1 is wrong.", "sample", "tiny", "--prompt-file", "latin1.txt");
        refused(2, "--prompt-ids 1,x: write ids from 0 up, separated by commas, e.g. 2,0,1.", "sample", "tiny", "--prompt-ids", "1,x");
        refused(2, "999", "sample", "tiny", "--prompt-ids", "999");
        refused(2, "ж", "sample", "tiny", "--prompt", "ж");
        refused(2, "empty", "sample", "tiny", "--prompt", "");
        refused(2, "prompt", "sample", "tiny");
        refused(2, "mutually exclusive", "sample", "tiny", "--prompt", "a", "--prompt-ids", "1");
    }

    @Test void aCorpusThatCanBeDownloadedNamesTheCommand() throws IOException {
        shell.write("shakespeare.yaml", TinyRun.CONFIG.replace("corpus.txt", "datasets/tinyshakespeare/tinyshakespeare.txt"));
        refused(2, "tinyshakespeare.txt does not exist: `./inkling data fetch tinyshakespeare` downloads it",
            "train", "shakespeare.yaml", "--run", "bard");
    }

    @Test void optionsThatWouldBeIgnoredAreRefused() throws IOException {
        refused(2, "name a run file, or leave out --set, --steps.", "bench", "--steps", "3", "--set", "seed=1");
        refused(2, "name a run file, or leave out --decode.", "bench", "--decode");
        refused(2, "add --decode, or leave out --batch, --precision.", "bench", "tiny.yaml", "--batch", "2", "--precision", "bf16");
        refused(2, "leave out --decode, or leave out --steps, --roofline, --products.", "bench", "tiny.yaml", "--decode", "--roofline",
            "--products", "--steps", "30");
        refused(2, "leave out --products, or leave out --roofline.", "bench", "tiny.yaml", "--products", "--roofline");
        refused(2, "--steps 0: bench measures at least 1.", "bench", "tiny.yaml", "--steps", "0");
        refused(2, "--batch 17: N is from 1 to 16.", "bench", "tiny.yaml", "--decode", "--batch", "17");
        refused(2, "--precision float32: --decode measures float32 anyway.", "bench", "tiny.yaml", "--decode", "--precision", "float32");
        shell.write("tuned.yaml", TinyRun.CONFIG.replaceFirst("model: .*", "model: {init_from: tiny}")
            .replace(", tokenizer: {type: char, fit: all}", ""));
        refused(2, "add --cluster, or leave out --machines, --network-gbit.", "estimate", "tiny.yaml", "--machines", "2", "--network-gbit",
            "1");
        refused(2, "Unknown option: '--samples=2'", "chat", "tiny", "--samples=2");
        refused(2, "Unknown option: '--show-distribution=3'", "chat", "tiny", "--show-distribution=3");
        refused(2, "gpt2 has no checkpoints: name a run, or leave out --checkpoint.", "params", "gpt2", "--checkpoint", "last");
        refused(2, "tiny.yaml has no checkpoints: name a run, or leave out", "params", "tiny.yaml", "--checkpoint", "last");
        refused(2, "tiny has a vocabulary of its own: name a run file, or leave out --vocab-size.", "params", "tiny", "--vocab-size", "9");
        refused(2, "--precision BF16: give float32, bf16 or int8.", "eval", "tiny", "--data", "corpus.txt", "--precision", "BF16");
        refused(2, "--vocab-size 9: the model of model.init_from has its own vocabulary.", "estimate", "tuned.yaml", "--vocab-size", "9");
    }

    @Test void aMissingOptionIsRefused() {
        refused(2, "inkling: Missing required argument", "sample", "tiny");
    }

    @Test void optionsOfOtherProgramsAreTranslated() {
        refused(2, "Here that is --set train.max_steps=60 --set device=cpu", "train", "tiny.yaml", "--max_iters=60", "--device=cpu",
            "--compile=False");
        refused(2, "Here that is --resume RUN", "train", "--init_from=resume");
        refused(2, "Here that is --prompt 'a b' --samples 3 --max-tokens 9 --top-k 5", "sample", "tiny", "--start=a b", "--num_samples=3",
            "--max_new_tokens=9", "--top_k=5");
        refused(2, "Possible solutions: --stop", "sample", "tiny", "--stopp=a");
    }

    @Test void aWrongNumberIsToldInWords() {
        refused(2, "'abc' is not a number\n", "sample", "tiny", "--prompt", "a", "--temperature", "abc");
        refused(2, "'1.5' is not a whole number\n", "sample", "tiny", "--prompt", "a", "--top-k", "1.5");
    }

    @Test void eachSamplingNumberIsBounded() {
        String[][] wrong = {{"--temperature", "-1"}, {"--temperature", "NaN"}, {"--temperature", "101"}, {"--top-k", "-1"}, {"--top-p",
            "0"},
            {"--top-p", "1.5"}, {"--min-p", "-0.1"}, {"--repetition-penalty", "0"}, {"--max-tokens", "0"}, {"--max-tokens", "1000001"},
            {"--samples", "0"}, {"--show-distribution", "-1"}, {"--stop", ""}};
        for (String[] option : wrong) {
            refused(2, option[0].substring(2).replace('-', '_').replace("stop", "stop string"), "sample", "tiny", "--prompt", "a",
                option[0], option[1]);
        }
        refused(2, "'--seed'", "sample", "tiny", "--prompt", "a", "--seed", "many");
    }

    @Test void evaluationHasBounds() throws IOException {
        refused(2, "--context 17 must be from 1 to 16.", "eval", "tiny", "--data", "corpus.txt", "--context", "17");
        refused(2, "--context 0 must be from 1 to 16.", "eval", "tiny", "--data", "corpus.txt", "--context", "0");
        refused(2, "--stride 9 must be from 1 to 8.", "eval", "tiny", "--data", "corpus.txt", "--context", "8", "--stride", "9");
        refused(2, "none.txt does not exist.", "eval", "tiny", "--data", "none.txt");
        Files.writeString(directory.resolve("one.txt"), "a");
        refused(2, "one.txt has too few tokens (1): at least 2 are needed, since the first is never predicted.", "eval", "tiny", "--data",
            "one.txt");
        Files.writeString(directory.resolve("unknown.txt"), "abc жуть");
        refused(2, "ж", "eval", "tiny", "--data", "unknown.txt");
    }

    @Test void aDirectoryWithoutTokenizerStillAnswersWhatNeedsNoText() throws IOException {
        Path bare = Files.createDirectories(directory.resolve("untold"));
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(directory.resolve("checkpoints/tiny/step-000001").resolve(name), bare.resolve(name));
        }
        assertEquals(0, shell.run("params", "untold").exit());
        assertTrue(shell.run("sample", "untold", "--prompt-ids", "1,2", "--max-tokens", "2", "--json").out().contains("\"text\" : null"));
        refused(4, "untold has no tokenizer (tokenizer.json, or vocab.json and merges.txt)", "tokenize", "untold", "--text", "a");
        refused(4, "the model directory has none. Give --tokenizer PATH, or --prompt-ids.", "sample", "untold", "--prompt", "a");
        refused(4, "and eval needs one. Give it with --tokenizer PATH.", "eval", "untold", "--data", "corpus.txt");
        String tokenizer = directory.resolve("checkpoints/tiny/step-000001").toString();
        assertEquals(0, shell.run("eval", "untold", "--data", "corpus.txt", "--tokenizer", tokenizer).exit());
        refused(4, "they do not belong together", "sample", "untold", "--prompt", "a", "--tokenizer", tokenizerOf300Tokens());
    }

    private static String tokenizerOf300Tokens() {
        Shell.Result made = shell.run("tokenizer", "train", "--data", "corpus.txt", "--vocab-size", "300", "--out", "wide");
        assertEquals(0, made.exit(), made.err());
        return "wide";
    }

    @Test void aConfigThatIsWrongOrDoesNotFitTheWeightsIsRefused() throws IOException {
        Path other = Files.createDirectories(directory.resolve("other"));
        Path step = directory.resolve("checkpoints/tiny/step-000001");
        Files.copy(step.resolve("model.safetensors"), other.resolve("model.safetensors"));
        Files.writeString(other.resolve("config.json"), Files.readString(step.resolve("config.json")).replace("\"context_length\" : 16",
            "\"context_length\" : 32").replace("\"context_length\": 16", "\"context_length\": 32"));
        refused(4, "wpe.weight is (16, 16), expected (32, 16)", "sample", "other", "--prompt-ids", "1");
        Files.writeString(other.resolve("config.json"), "{\"model_type\": \"gpt2\", \"model_type\": \"gpt2\"}");
        refused(4, "Duplicate field", "params", "other");
        Files.writeString(other.resolve("config.json"), "{\"model_type\": \"bert\"}");
        refused(4, "model_type", "params", "other");
    }

    @Test void weightsThatAreNotFiniteAreSaid() throws IOException {
        Path broken = Files.createDirectories(directory.resolve("broken"));
        Path step = directory.resolve("checkpoints/tiny/step-000001");
        Files.copy(step.resolve("config.json"), broken.resolve("config.json"));
        byte[] weights = Files.readAllBytes(step.resolve("model.safetensors"));
        ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).putFloat(weights.length - 4, Float.NaN);
        Files.write(broken.resolve("model.safetensors"), weights);
        String[] sample = {"sample", "broken", "--prompt-ids", "1", "--max-tokens", "1"};
        assertTrue(shell.run(sample).err().matches("(?s).*warning: broken: value \\d+ of [a-z0-9._]+ is NaN.*"), shell.run(sample).err());
        refused(4, "is NaN. Take another checkpoint", "sample", "broken", "--prompt-ids", "1", "--check-finite");
    }

    @Test void picklesAndOtherFormatsAreRefusedWithTheWayOut() throws IOException {
        Path pickled = Files.createDirectories(directory.resolve("pickled"));
        Files.copy(directory.resolve("checkpoints/tiny/step-000001/config.json"), pickled.resolve("config.json"));
        Files.write(pickled.resolve("pytorch_model.bin"), new byte[] {'P', 'K', 3, 4});
        refused(4, "safetensors", "sample", "pickled", "--prompt-ids", "1");
        Files.write(pickled.resolve("model.safetensors"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0});
        refused(4, "model.safetensors", "sample", "pickled", "--prompt-ids", "1");
    }

    @Test void aTokenizerIsNotWrittenBesideOtherFiles() {
        refused(2, "checkpoints exists and is not an empty directory; nothing was changed.", "tokenizer", "train", "--data", "corpus.txt",
            "--vocab-size", "300", "--out", "checkpoints");
    }

    @Test void aVocabularyThatIsTooSmallAndAnUnknownCorpusAreRefused() {
        refused(2, "100", "tokenizer", "train", "--data", "corpus.txt", "--vocab-size", "100", "--out", "new");
        refused(2, "unknown-corpus", "data", "fetch", "unknown-corpus");
    }

    @Test void debugPrintsAStackTrace() {
        assertTrue(shell.run("--debug", "sample", "nothing", "--prompt", "a").err().contains("\tat inkling."));
    }

    @Test void unknownCommandsAndArgumentsAreRefused() {
        refused(2, "Unmatched argument", "params", "gpt2", "and", "more");
        refused(2, "inkling has no command tran. Did you mean train?", "tran");
        refused(2, "inkling runs has no command remvoe. Did you mean remove?", "runs", "remvoe");
        assertTrue(shell.run("xyzzy").err().contains("inkling has no command xyzzy." + System.lineSeparator() + "Try 'inkling --help'."));
        assertFalse(shell.run("tran").err().contains("Try "), "one way out is enough");
    }
}
