package inkling.io.gguf;

import inkling.errors.ModelFormatException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Takes floats as bytes (little endian) and writes them as numbers of a {@link GgufType}. Source for Q8_0:
 * {@code quantize_row_q8_0_ref} in ggml; {@code gguf-py/gguf/quants.py} gives the same numbers.
 */
final class FloatEncoder extends FilterOutputStream {
    private static final int LARGEST_HALF = 65504;

    private final String name;
    private final GgufType type;
    private final float added;
    private final ByteBuffer pending;   // floats that are not encoded yet
    private final ByteBuffer encoded;
    private long floats;

    /**
     * @param name the tensor's name, for messages
     * @param added the number that is added to each float before it is encoded
     */
    FloatEncoder(OutputStream out, String name, GgufType type, float added) {
        super(out);
        this.name = name;
        this.type = type;
        this.added = added;
        int most = 32 * 128;   // floats in a buffer: 128 blocks of Q8_0
        pending = ByteBuffer.allocate(most * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        encoded = ByteBuffer.allocate((int) type.bytes(most)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** How many floats were written to this stream. */
    long floats() {
        return floats + pending.position() / Float.BYTES;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length;) {
            int n = Math.min(length - done, pending.remaining());
            pending.put(bytes, offset + done, n);
            done += n;
            if (!pending.hasRemaining()) {
                encode();
            }
        }
    }

    /** Encodes the floats that are still buffered; the stream below stays open. */
    @Override
    public void close() throws IOException {
        encode();
    }

    private void encode() throws IOException {
        floats += pending.position() / Float.BYTES;
        pending.flip();
        encoded.clear();
        while (pending.remaining() >= type.blockElements() * Float.BYTES) {
            switch (type) {
                case F32 -> encoded.putFloat(next());
                case F16 -> {
                    float value = next();
                    encoded.putShort(half(value, value, LARGEST_HALF));
                }
                case BF16 -> encoded.putShort(HalfFloats.toBfloat16(next()));
                case Q8_0 -> quantize();
            }
        }
        pending.clear();
        out.write(encoded.array(), 0, encoded.position());
    }

    private float next() {
        return pending.getFloat() + added;
    }

    /**
     * Encodes a number as F16.
     *
     * @param value the tensor's value for which the number stands; named in the message if the number is too large
     * @param largest the largest value that the tensor's type can hold
     */
    private short half(float number, float value, int largest) {
        short half = HalfFloats.toHalf(number);
        if (Float.isFinite(number) && (half & 0x7FFF) == 0x7C00) {
            throw new ModelFormatException("%s has the value %s, which %s cannot hold: its largest is %d. Take bf16 or f32."
                .formatted(name, value, type, largest));
        }
        return half;
    }

    /** Encodes 32 numbers: the factor (largest magnitude / 127), then each number divided by the factor and rounded to a byte. */
    private void quantize() {
        float[] values = new float[type.blockElements()];
        float largest = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = next();
            if (!Float.isFinite(values[i])) {
                throw new ModelFormatException("%s has the value %s, which Q8_0 cannot hold.".formatted(name, values[i]));
            }
            largest = Math.abs(values[i]) > Math.abs(largest) ? values[i] : largest;
        }
        float factor = Math.abs(largest) / 127;
        float inverse = factor == 0 ? 0 : 1 / factor;
        encoded.putShort(half(factor, largest, 127 * LARGEST_HALF));
        for (float value : values) {
            float scaled = value * inverse;
            encoded.put((byte) Math.max(-127, Math.min(127, (int) (scaled + Math.copySign(0.5, scaled)))));   // half away from zero
        }
    }
}
