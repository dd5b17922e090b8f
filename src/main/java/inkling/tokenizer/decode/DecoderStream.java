package inkling.tokenizer.decode;

import inkling.tokenizer.TokenStream;
import inkling.tokenizer.split.TextPlace;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Runs the steps of a {@link Decoder} on tokens one at a time. All returned strings together are the text of all tokens. */
public final class DecoderStream implements TokenStream {
    private final List<RunningStep> steps = new ArrayList<>();
    private final StringBuilder out = new StringBuilder();

    /** @param place whether the tokens begin a text, or continue one whose earlier part is already decoded */
    public DecoderStream(Decoder.Steps decoder, TextPlace place) {
        boolean fused = false;
        for (Decoder.Step step : decoder.steps()) {
            fused |= step instanceof Decoder.Fuse;
            steps.add(runningStep(step, fused, place == TextPlace.START));
        }
    }

    @Override
    public String next(String token) {
        push(0, token);
        return taken();
    }

    @Override
    public String end() {
        for (int i = 0; i < steps.size(); i++) {
            int next = i + 1;
            steps.get(i).end(token -> push(next, token));
        }
        return taken();
    }

    private void push(int step, String token) {
        if (step == steps.size()) {
            out.append(token);
        } else {
            steps.get(step).token(token, changed -> push(step + 1, changed));
        }
    }

    private String taken() {
        String text = out.toString();
        out.setLength(0);
        return text;
    }

    private static RunningStep runningStep(Decoder.Step step, boolean fused, boolean first) {
        if (step instanceof Decoder.Metaspace meta && meta.prepended() && first) {
            return new MetaspaceAtStart(meta);
        }
        if (step instanceof Decoder.Strip strip && fused) {
            return new FusedStrip(strip, first);
        }
        return step instanceof Decoder.ByteFallback ? new Bytes() : (token, out) -> out.accept(step.apply(token));
    }

    /** One step, with the text that it holds back. */
    private interface RunningStep {
        void token(String token, Consumer<String> out);

        default void end(Consumer<String> out) {}
    }

    /** {@link Decoder.Metaspace} at the beginning of a text: it removes the blanks of the first token. */
    private static final class MetaspaceAtStart implements RunningStep {
        private final Decoder.Metaspace meta;
        private boolean first = true;

        MetaspaceAtStart(Decoder.Metaspace meta) {
            this.meta = meta;
        }

        @Override
        public void token(String token, Consumer<String> out) {
            out.accept(first ? token.replace(meta.replacement(), "") : meta.apply(token));
            first = false;
        }
    }

    /** {@link Decoder.Strip} after {@link Decoder.Fuse}: it removes characters only at the beginning of the whole text. */
    private static final class FusedStrip implements RunningStep {
        private final Decoder.Strip strip;
        private int left;   // how many characters may still be removed

        FusedStrip(Decoder.Strip strip, boolean first) {
            this.strip = strip;
            this.left = first ? strip.start() : 0;
        }

        @Override
        public void token(String token, Consumer<String> out) {
            String rest = strip.apply(token, left);
            left = rest.isEmpty() ? left - token.length() / strip.content().length() : 0;
            out.accept(rest);
        }
    }

    /**
     * {@link Decoder.ByteFallback}. It holds bytes back until a token that is no byte, or the end: whether they are UTF-8 is decided for
     * all of them.
     */
    private static final class Bytes implements RunningStep {
        private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

        @Override
        public void token(String token, Consumer<String> out) {
            if (Decoder.ByteFallback.isByte(token)) {
                waiting.write(Decoder.ByteFallback.value(token));
            } else {
                end(out);
                out.accept(token);
            }
        }

        @Override
        public void end(Consumer<String> out) {
            if (waiting.size() > 0) {
                byte[] bytes = waiting.toByteArray();
                waiting.reset();
                out.accept(text(bytes));
            }
        }

        private static String text(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            boolean valid = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
            return valid ? text : "\uFFFD".repeat(bytes.length);
        }
    }
}
