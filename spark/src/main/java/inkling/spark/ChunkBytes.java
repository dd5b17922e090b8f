package inkling.spark;

import inkling.runfile.ClusterConfig.Deltas;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes that a worker sends for a chunk of weights, little-endian, in one of two forms:
 * <ul>
 * <li>{@code FLOAT32}: the weights themselves, 4 bytes each.
 * <li>{@code FLOAT16}: the change of the weights, before − after, as float16, 2 bytes each.
 * </ul>
 */
final class ChunkBytes {
    private ChunkBytes() {}

    /**
     * Encodes a chunk.
     *
     * @param before the weights at the beginning of the round
     * @param after the worker's weights after its updates
     */
    static byte[] encode(Deltas deltas, float[] before, float[] after) {
        ByteBuffer bytes = ByteBuffer.allocate(width(deltas) * after.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < after.length; i++) {
            switch (deltas) {
                case FLOAT32 -> bytes.putFloat(after[i]);
                case FLOAT16 -> bytes.putShort(Half.of((float) ((double) before[i] - after[i])));
            }
        }
        return bytes.array();
    }

    /** How many bytes a number takes. */
    static int width(Deltas deltas) {
        return switch (deltas) {
            case FLOAT32 -> Float.BYTES;
            case FLOAT16 -> Short.BYTES;
        };
    }

    /** Decodes {@code sent}, a result of {@link #encode}, and adds each of its numbers to the number at the same index of {@code sum}. */
    static void add(Deltas deltas, byte[] sent, double[] sum) {
        ByteBuffer bytes = ByteBuffer.wrap(sent).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += switch (deltas) {
                case FLOAT32 -> bytes.getFloat();
                case FLOAT16 -> Half.toFloat(bytes.getShort());
            };
        }
    }

    /** Whether all numbers that {@link #encode} would write are finite: a change may be too large for float16. */
    static boolean finite(Deltas deltas, float[] before, float[] after) {
        for (int i = 0; i < after.length; i++) {
            float sent = deltas == Deltas.FLOAT32 ? after[i] : Half.toFloat(Half.of((float) ((double) before[i] - after[i])));
            if (!Float.isFinite(sent)) {
                return false;
            }
        }
        return true;
    }
}
