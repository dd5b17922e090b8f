package inkling.bench;

import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.engine.ComputeContext;
import inkling.formats.ModelDirectory;
import inkling.generate.Generation;
import inkling.generate.Generator;
import inkling.generate.GptLogits;
import inkling.generate.SamplingOptions;
import inkling.model.Gpt;
import inkling.model.grad.LossGradients;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.train.BatchGradients;
import inkling.train.Stepper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Compares known results of GPT-2's 124M weights with Inkling's: {@code Gpt2Golden WEIGHTS [BATCH]}.
 *
 * <ul>
 * <li>The greedy continuation that picoGPT's README shows for the prompt below.
 * <li>The ten losses of llm.c's {@code test_gpt2.c}: AdamW on one batch of 4 × 64 tokens. llm.c's weight decay of 0.01 acts on all weights,
 *     ours on matrices alone. In ten updates at a learning rate of 1e-4, this changes the other weights by a factor of only 1 − 1e-5.
 * </ul>
 */
public final class Gpt2Golden {
    private static final String PROMPT = "Alan Turing theorized that computers would one day become";
    private static final String CONTINUATION = " the most powerful machines on the planet.";
    private static final double[] LOSSES = {5.270007, 4.059707, 3.375123, 2.800783, 2.315382, 1.849029, 1.394656, 0.999147, 0.624080,
        0.376511};
    private static final double TOLERANCE = 1e-2; // llm.c's tolerance
    private static final int DEBUG_STATE = 20240327;
    private static final ComputeContext CONTEXT = ComputeContext.of("cpu");

    private Gpt2Golden() {}

    /** @param arguments a directory with GPT-2's weights; then, for the losses, llm.c's debug state or tiny Shakespeare's text */
    public static void main(String[] arguments) throws IOException {
        Path weights = Path.of(arguments[0]);
        Tokenizer tokenizer = TokenizerFiles.find(weights).orElseGet(BpeTokenizer::gpt2);
        boolean held;
        CONTEXT.enter();
        try (NDManager manager = CONTEXT.manager(); Gpt gpt = ModelDirectory.load(weights, manager)) {
            held = greedy(gpt, manager, tokenizer);
            if (arguments.length > 1) {
                held &= losses(gpt, manager, batch(Path.of(arguments[1]), tokenizer));
            } else {
                System.out.println("losses: not checked, no batch was given");
            }
        }
        System.exit(held ? 0 : 1);
    }

    private static boolean greedy(Gpt gpt, NDManager manager, Tokenizer tokenizer) {
        try (GptLogits logits = new GptLogits(gpt, manager, CONTEXT)) {
            int tokens = tokenizer.encode(CONTINUATION).length;
            SamplingOptions options = SamplingOptions.DEFAULT.withTemperature(0).withMaxTokens(tokens);
            Generation generation = new Generator(logits, Optional.of(tokenizer)).generate(PROMPT, options, Generator.Listener.NONE);
            String written = generation.samples().get(0).text().orElse("");
            System.out.printf("greedy: \"%s\" → \"%s\"%n  %s%n", PROMPT, written,
                written.equals(CONTINUATION) ? "as known" : "WRONG: expected \"" + CONTINUATION + "\"");
            return written.equals(CONTINUATION);
        }
    }

    private static boolean losses(Gpt gpt, NDManager manager, Batch batch) {
        AdamWConfig config = new AdamWConfig(0.9, 0.999, 1e-8, 0.01, 0);
        boolean held = true;
        try (AdamW adam = new AdamW(config, gpt.parameters().asMap(), manager)) {
            BatchGradients gradients = BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), false));
            Stepper stepper = new Stepper(manager, gradients, adam, step -> 1e-4, 0, 0);
            for (int step = 0; step < LOSSES.length; step++) {
                double loss = stepper.step(step, List.of(batch)).loss();
                boolean near = Math.abs(loss - LOSSES[step]) < TOLERANCE;
                held &= near;
                System.out.println(String.format(Locale.ROOT, "update %2d: loss %.6f, known %.6f  %s", step, loss, LOSSES[step],
                    near ? "ok" : "WRONG"));
            }
        }
        return held;
    }

    /**
     * Reads the batch from llm.c's gpt2_124M_debug_state.bin, or makes it of the first 4 · 64 + 1 tokens of a text. Tiny Shakespeare gives
     * the same batch.
     */
    private static Batch batch(Path file, Tokenizer tokenizer) throws IOException {
        int rows = 4;
        int columns = 64;
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer head = ByteBuffer.allocate(4 * (256 + 2 * rows * columns)).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(head);
            head.flip();
            boolean whole = head.remaining() == head.capacity();
            if (whole && head.getInt(0) == DEBUG_STATE && head.getInt(8) == rows && head.getInt(12) == columns) {
                return new Batch(ints(head, 256, rows * columns), ints(head, 256 + rows * columns, rows * columns), rows, columns);
            }
        }
        String text = Files.readString(file);
        int[] ids = tokenizer.encode(text.substring(0, Math.min(text.length(), 4000)));
        long[] inputs = new long[rows * columns];
        long[] targets = new long[rows * columns];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = ids[i];
            targets[i] = ids[i + 1];
        }
        return new Batch(inputs, targets, rows, columns);
    }

    private static long[] ints(ByteBuffer buffer, int from, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = buffer.getInt(4 * (from + i));
        }
        return values;
    }
}
