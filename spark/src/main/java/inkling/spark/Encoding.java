package inkling.spark;

import inkling.runfile.ClusterConfig.Deltas;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a worker sends of a chunk, as bytes: its weights, or what it changed in half as many. */
final class Encoding {
    private Encoding() {}

    /**
     * @param before the weights that the round began with
     * @param after those that the worker ended with
     */
    static byte[] bytes(Deltas deltas, float[] before, float[] after) {
        ByteBuffer bytes = ByteBuffer.allocate(width(deltas) * after.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < after.length; i++) {
            switch (deltas) {
                case FLOAT32 -> bytes.putFloat(after[i]);
                case FLOAT16 -> bytes.putShort(Half.of((float) ((double) before[i] - after[i])));
            }
        }
        return bytes.array();
    }

    static int width(Deltas deltas) {
        return switch (deltas) {
            case FLOAT32 -> Float.BYTES;
            case FLOAT16 -> Short.BYTES;
        };
    }

    /** Adds what {@link #bytes} gave to {@code sum}, number by number. */
    static void add(Deltas deltas, byte[] sent, double[] sum) {
        ByteBuffer bytes = ByteBuffer.wrap(sent).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += switch (deltas) {
                case FLOAT32 -> bytes.getFloat();
                case FLOAT16 -> Half.toFloat(bytes.getShort());
            };
        }
    }

    /** Whether all numbers that {@link #add} will see are finite. */
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
