package inkling.generate;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A model whose logits are a function of the ids in view: a script, or noise that changes with any of the ids. It holds up to
 * {@link #WIDEST} sequences. It throws if a caller keeps more, or reads more tokens than there is room for.
 */
final class FakeModel implements NextLogits {
    static final int WIDEST = 4;

    private final int vocabSize;
    private final int contextLength;
    private final Function<int[], float[]> logits;
    private int[][] read = {{}};
    private int room;
    int tokensRead;
    int reads;

    FakeModel(int vocabSize, int contextLength, Function<int[], float[]> logits) {
        this.vocabSize = vocabSize;
        this.contextLength = contextLength;
        this.room = contextLength;
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

    /**
     * A model that says the ids of {@code script} one after the other, whatever it reads after the prompt. After the script all its logits
     * are 0.
     */
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
    public int mostSequences(int tokens) {
        return WIDEST;
    }

    @Override
    public float[][] read(int[]... ids) {
        int before = read[0].length;
        if (ids.length != read.length || Arrays.stream(ids).anyMatch(more -> more.length == 0 || before + more.length > room)) {
            throw new IllegalArgumentException("%s after %s with room for %d".formatted(Arrays.deepToString(ids),
                Arrays.deepToString(read), room));
        }
        for (int i = 0; i < ids.length; i++) {
            read[i] = Arrays.copyOf(read[i], before + ids[i].length);
            System.arraycopy(ids[i], 0, read[i], before, ids[i].length);
            tokensRead += ids[i].length;
        }
        reads++;
        return Arrays.stream(read).map(logits).toArray(float[][]::new);
    }

    @Override
    public float[][] readApart(int[]... texts) {
        if (Arrays.stream(texts).anyMatch(text -> text.length == 0 || text.length > contextLength || text.length != texts[0].length)) {
            throw new IllegalArgumentException(Arrays.deepToString(texts));
        }
        reads++;
        return Arrays.stream(texts).map(logits).toArray(float[][]::new);
    }

    @Override
    public void keep(int length, int room, int... rows) {
        if (length > read[0].length || room > contextLength || rows.length > WIDEST) {
            throw new IllegalArgumentException("keep %d of %d for %d, %s".formatted(length, read[0].length, room, Arrays.toString(rows)));
        }
        this.room = room;
        read = Arrays.stream(rows).mapToObj(row -> Arrays.copyOf(read[row], length)).toArray(int[][]::new);
    }
}
