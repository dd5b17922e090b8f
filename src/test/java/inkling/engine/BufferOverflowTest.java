package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.errors.InklingException;
import inkling.formats.ModelDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * CVE-2026-85228: up to ai.djl:api 0.36.0 the product of a shape may overflow. A buffer of 64 bytes then passes for 4 GB, and reading it
 * ends the JVM. So the test runs in a JVM of its own.
 */
@Tag("process")
class BufferOverflowTest {
    /** All but the last claim more elements than 64 bytes hold; the last has negative sizes. */
    private static final long[][] SHAPES = {{32768, 32768}, {65536, 65536, 65536, 65536}, {1L << 62, 4}, {Long.MAX_VALUE}, {-4, -4}};

    @TempDir Path directory;

    /** Prints what DJL itself does with {@link #SHAPES}. */
    public static final class Creates {
        public static void main(String[] none) {
            try (NDManager manager = Devices.manager(Device.cpu())) {
                for (long[] shape : SHAPES) {
                    try (NDArray array = manager.create(ByteBuffer.allocateDirect(64), new Shape(shape), DataType.FLOAT32)) {
                        System.out.println("accepted, sum " + array.sum().getFloat());
                    } catch (RuntimeException e) {
                        System.out.println("refused " + e.getClass().getSimpleName());
                    }
                }
            }
        }
    }

    /** Prints what our readers do with model directories whose weights claim shapes that are too large. */
    public static final class Reads {
        public static void main(String[] directories) {
            try (NDManager manager = Devices.manager(Device.cpu())) {
                for (String directory : directories) {
                    try {
                        ModelDirectory.load(Path.of(directory), manager);
                        System.out.println("accepted");
                    } catch (InklingException e) {
                        System.out.println("refused " + e.exitCode().code());
                    }
                }
            }
        }
    }

    private List<String> run(Class<?> main, Stream<String> arguments) throws Exception {
        Path crash = directory.resolve("hs_err.log");
        List<String> command = Stream.concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
            "-XX:TieredStopAtLevel=1", "-XX:ErrorFile=" + crash, "-cp", System.getProperty("java.class.path"), main.getName()),
                arguments).toList();
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), "the JVM ended well: " + output);
        assertFalse(Files.exists(crash), "no hs_err file");
        return output.lines().toList();
    }

    @Test void aShapeThatDoesNotFitItsBufferIsRefusedByDjl() throws Exception {
        List<String> answers = run(Creates.class, Stream.empty());
        assertEquals(SHAPES.length, answers.size());
        assertTrue(answers.stream().allMatch(answer -> answer.startsWith("refused ")), answers.toString());
    }

    @Test void noModelFileReachesTheOverflow() throws Exception {
        String[] configs = {config(65536, 16, 65536), config(32768, 16, 32768), config(65, 16, 1 << 24), config(Integer.MAX_VALUE, 1,
            Integer.MAX_VALUE)};
        String[] shapes = {"[65536,65536]", "[32768,32768]", "[65536,65536,65536,65536]", "[4611686018427387904,4]"};
        for (int i = 0; i < configs.length; i++) {
            Path model = Files.createDirectories(directory.resolve("model" + i));
            Files.writeString(model.resolve("config.json"), configs[i]);
            weights(model.resolve("model.safetensors"),
                "{\"wte.weight\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,64]}}".formatted(shapes[i]));
        }
        List<String> answers = run(Reads.class, Stream.of("model0", "model1", "model2",
            "model3").map(name -> directory.resolve(name).toString()));
        assertEquals(List.of("refused 4", "refused 4", "refused 4", "refused 4"), answers);
    }

    private static String config(int vocab, int context, int width) {
        return ("{\"model_type\":\"gpt2\",\"vocab_size\":%d,\"n_positions\":%d,\"n_embd\":%d,\"n_layer\":1,\"n_head\":1,"
            + "\"activation_function\":\"gelu_new\"}").formatted(vocab, context, width);
    }

    private static void weights(Path file, String header) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        Files.write(file, ByteBuffer.allocate(8 + text.length + 64).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).array());
    }
}
