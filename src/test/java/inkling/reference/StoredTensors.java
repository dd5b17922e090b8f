package inkling.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads weights from files for the reference alone, with code of its own. */
final class StoredTensors {
    private StoredTensors() {}

    /** All tensors of a safetensors file, which must be F32. The file is 8 bytes of header length, the JSON header, then the data. */
    static Map<String, double[]> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = Math.toIntExact(bytes.getLong());
        JsonNode header = new ObjectMapper().readTree(new String(bytes.array(), 8, headerBytes, StandardCharsets.UTF_8));
        Map<String, double[]> tensors = new LinkedHashMap<>();
        header.fields().forEachRemaining(entry -> {
            if (!entry.getKey().equals("__metadata__")) {
                int from = entry.getValue().get("data_offsets").get(0).asInt();
                int to = entry.getValue().get("data_offsets").get(1).asInt();
                tensors.put(entry.getKey(), floats(bytes.slice(8 + headerBytes + from, to - from)));
            }
        });
        return tensors;
    }

    /** Little-endian float32 numbers. */
    static double[] floats(ByteBuffer bytes) {
        ByteBuffer ordered = bytes.order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[bytes.remaining() / Float.BYTES];
        Arrays.setAll(values, i -> ordered.getFloat(i * Float.BYTES));
        return values;
    }

    /** Concatenates arrays. */
    static double[] joined(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    /** Joins matrices (out_i, in) along their rows, and transposes: -> (in, sum of out_i). */
    static double[] transposed(int in, double[]... matrices) {
        double[] all = joined(matrices);
        int out = all.length / in;
        double[] result = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            result[i % in * out + i / in] = all[i];
        }
        return result;
    }
}
