package inkling.sample;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Logits as a function of the ids in view; a script, or noise that any change of the ids changes. Breaks where the contract is broken. */
final class FakeModel implements NextLogits {
    private final int vocabSize;
    private final int contextLength;
    private final Function<int[], float[]> logits;
    private int[] read = new int[0];
    int tokensRead;

    FakeModel(int vocabSize, int contextLength, Function<int[], float[]> logits) {
        this.vocabSize = vocabSize;
        this.contextLength = contextLength;
        this.logits = logits;
    }

    static FakeModel noise(int vocabSize, int contextLength) {
        return new FakeModel(vocabSize, contextLength, ids -> noise(vocabSize, ids));
    }

    static float[] noise(int vocabSize, int[] ids) {
        SplittableRandom random = new SplittableRandom(Arrays.hashCode(ids));
        float[] logits = new float[vocabSize];
        for (int i = 0; i < vocabSize; i++) {
            logits[i] = (float) (8 * random.nextDouble() - 4);
        }
        return logits;
    }

    /** Says the ids of {@code script} one after the other, whatever it reads after the prompt; then zeros. */
    static FakeModel saying(int vocabSize, int promptLength, int... script) {
        return new FakeModel(vocabSize, 10_000, ids -> {
            float[] logits = new float[vocabSize];
            int at = ids.length - promptLength;
            if (at < script.length) {
                logits[script[at]] = 1_000;
            }
            return logits;
        });
    }

    @Override
    public int vocabSize() {
        return vocabSize;
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public float[] read(int... ids) {
        if (ids.length == 0 || read.length + ids.length > contextLength) {
            throw new IllegalArgumentException("%d after %d of %d".formatted(ids.length, read.length, contextLength));
        }
        int before = read.length;
        read = Arrays.copyOf(read, before + ids.length);
        System.arraycopy(ids, 0, read, before, ids.length);
        tokensRead += ids.length;
        return logits.apply(read);
    }

    @Override
    public void rewind(int length) {
        if (length > read.length) {
            throw new IllegalArgumentException("rewind to %d of %d".formatted(length, read.length));
        }
        read = Arrays.copyOf(read, length);
    }
}
