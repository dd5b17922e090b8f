package inkling.tokenizer.huggingface;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Hugging Face's own tokenizers (native, through DJL). Ours must give the same ids. */
public final class HuggingFaceOracle implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;

    public HuggingFaceOracle(Path tokenizerJson) {
        try {
            // by default the library truncates long texts, and throws no exception
            tokenizer = HuggingFaceTokenizer.builder().optTokenizerPath(tokenizerJson).optTruncation(false).optPadding(false)
                .optAddSpecialTokens(false).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int[] encode(String text) {
        long[] ids = tokenizer.encode(text).getIds();
        int[] narrow = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            narrow[i] = Math.toIntExact(ids[i]);
        }
        return narrow;
    }

    /** The place of each token in the text, {from, to} in code points; {0, 0} for a token without a place. */
    public int[][] spans(String text) {
        return Arrays.stream(tokenizer.encode(text).getCharTokenSpans())
            .map(span -> span == null ? new int[] {0, 0} : new int[] {span.getStart(), span.getEnd()}).toArray(int[][]::new);
    }

    public String decode(int[] ids) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return tokenizer.decode(wide, false);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
