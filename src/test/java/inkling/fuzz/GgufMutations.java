package inkling.fuzz;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.errors.ModelFormatException;
import inkling.formats.ChatTemplate;
import inkling.formats.FamilyConfigs;
import inkling.formats.GgufExport;
import inkling.formats.HuggingFaceExport.Beside;
import inkling.formats.ModelDirectory;
import inkling.formats.family.GenerationSettings;
import inkling.io.gguf.GgufEdit;
import inkling.io.gguf.GgufFile;
import inkling.io.gguf.GgufType;
import inkling.io.json.StrictJson;
import inkling.model.Gpt;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.Kinds;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** GGUF files to spoil, ours and as other programs write them. Most faults are near the start, among the header's numbers and texts. */
final class GgufMutations {
    static final String FILE = "model.gguf";
    private static final long[] NUMBERS = {0, 1, 2, 3, 8, 9, 31, 32, 255, 1 << 16, Integer.MAX_VALUE, 0xFFFFFFFFL, 1L << 40,
        Long.MAX_VALUE, -1};
    private static final int START_BYTES = 6_000;

    private GgufMutations() {}

    static List<byte[]> seeds() {
        try (NDManager manager = Devices.manager(Device.cpu())) {
            Path directory = Files.createTempDirectory("inkling-fuzz-gguf");
            List<byte[]> seeds = new ArrayList<>();
            Tokenizer bytes = new BpeTrainer(270).add("the cat sat on the mat and the rat").train();
            for (String family : List.of("llama", "llama, linear rope, biases, wide heads", "qwen3", "gemma", "gpt_neox", "phi4mini",
                "granite", "stablelm 12b")) {
                seeds.addAll(both(directory, family, bytes, GgufType.F32, manager));
            }
            Files.write(directory.resolve("pieces.json"), StrictJson.bytes(Kinds.all().get("llama 2")));
            seeds.addAll(both(directory, "olmo2", TokenizerFiles.read(directory.resolve("pieces.json")), GgufType.BF16, manager));
            seeds.add(both(directory, "qwen2", CharTokenizer.fit("abc é漢\n"), GgufType.Q8_0, manager).get(0));
            FuzzHarness.delete(directory);
            return seeds;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<byte[]> both(Path directory, String family, Tokenizer tokenizer, GgufType type, NDManager manager)
        throws IOException {
        Path file = directory.resolve(family.replaceAll("\\W", "") + ".gguf");
        var config = FamilyConfigs.all().get(family).deepCopy().put("vocab_size", tokenizer.vocabSize() + 1);
        try (Gpt gpt = Gpt.initialise(FamilyConfigs.architecture(config), manager, 2)) {
            GgufExport.write(gpt, new Beside(Optional.of(tokenizer), GenerationSettings.of(SpecialIds.of(tokenizer)),
                Optional.of(new ChatTemplate(Optional.empty(), Optional.of("{{ x }}")))), file, type);
        }
        Path foreign = GgufEdit.foreign(file, directory.resolve("foreign-" + file.getFileName()));
        return List.of(Files.readAllBytes(file), Files.readAllBytes(foreign));
    }

    /** A copy with one to three faults. */
    static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int faults = 1 + random.nextInt(1 + random.nextInt(3)); faults > 0; faults--) {
            bytes = spoil(bytes, random);
        }
        return bytes;
    }

    private static byte[] spoil(byte[] bytes, Random random) {
        if (bytes.length < 16) {
            return bytes;
        }
        int region = random.nextInt(8) == 0 ? bytes.length : Math.min(bytes.length, START_BYTES);
        int at = random.nextInt(region - 8);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1 + random.nextInt(7), bytes.length));
            case 2 -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at - Math.min(at, random.nextInt(40)), bytes.length));
            case 3 -> buffer.putInt(at, (int) NUMBERS[random.nextInt(NUMBERS.length)]).array();
            case 4 -> buffer.putLong(at, NUMBERS[random.nextInt(NUMBERS.length)]).array();
            case 5 -> buffer.put(at, (byte) (bytes[at] + random.nextInt(5) - 2)).array();
            case 6 -> number(buffer, random);
            default -> buffer.put(at, (byte) (bytes[at] ^ 1 << random.nextInt(8))).array();
        };
    }

    /** Changes a byte that is an ASCII digit, for instance in our own config. */
    private static byte[] number(ByteBuffer buffer, Random random) {
        for (int tries = 0; tries < 200; tries++) {
            int at = random.nextInt(buffer.capacity());
            if (buffer.get(at) >= '0' && buffer.get(at) <= '9') {
                return buffer.put(at, (byte) ('0' + random.nextInt(10))).array();
            }
        }
        return buffer.array();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Reads the file as a command does if the file is its MODEL argument. */
    static void read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!GgufFile.isAt(file)) {
            throw new ModelFormatException("refused: no GGUF");
        }
        ChatTemplate.read(file);
        ModelDirectory.generation(file);
        Optional<Tokenizer> tokenizer = TokenizerFiles.find(file);
        if (tokenizer.isPresent()) {
            Format.use(tokenizer.get(), directory);
        }
        ModelSeeds.load(file);
    }
}
