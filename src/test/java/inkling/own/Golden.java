package inkling.own;

import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.io.tensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Results of the double-precision reference with one of our own models, from {@code golden.safetensors} beside it.
 *
 * @param ids the beginning of a tale that the model was not trained on, (T)
 * @param logits the logits after each of these ids, (T, V)
 * @param written the likeliest ids that follow, at most 40; they end before the first id that float32 might change
 * @param loss mean nats per token of the last tenth of tales.txt, in consecutive windows of the model's context
 */
public record Golden(int[] ids, double[][] logits, int[] written, double loss) {
    private static final String FILE = "golden.safetensors";

    public static Golden read(Path model) {
        try (SafetensorsFile file = SafetensorsFile.open(model.resolve(FILE))) {
            double[] flat = doubles(file, "logits");
            int[] ids = ids(file, "ids");
            int vocabSize = flat.length / ids.length;
            double[][] logits = IntStream.range(0, ids.length)
                .mapToObj(t -> Arrays.copyOfRange(flat, t * vocabSize, (t + 1) * vocabSize)).toArray(double[][]::new);
            return new Golden(ids, logits, ids(file, "written"), doubles(file, "loss")[0]);
        }
    }

    void write(Path model) throws IOException {
        double[] flat = Arrays.stream(logits).flatMapToDouble(Arrays::stream).toArray();
        try (OutputStream out = Files.newOutputStream(model.resolve(FILE))) {
            SafetensorsWriter.write(out, List.of(ids("ids", ids), doubles("logits", flat, ids.length, logits[0].length),
                ids("written", written), doubles("loss", new double[] {loss}, 1)), Map.of());
        }
    }

    private static Entry ids(String name, int[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(bytes::putLong);
        return new Entry(name, Dtype.I64, List.of((long) values.length), out -> out.write(bytes.array()));
    }

    private static Entry doubles(String name, double[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(bytes::putDouble);
        return new Entry(name, Dtype.F64, Arrays.stream(shape).boxed().toList(), out -> out.write(bytes.array()));
    }

    private static int[] ids(SafetensorsFile file, String name) {
        var stored = file.map(name).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        return IntStream.range(0, stored.limit()).map(i -> Math.toIntExact(stored.get(i))).toArray();
    }

    private static double[] doubles(SafetensorsFile file, String name) {
        var stored = file.map(name).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
        return IntStream.range(0, stored.limit()).mapToDouble(stored::get).toArray();
    }
}
