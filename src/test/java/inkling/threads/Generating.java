package inkling.threads;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.generate.GptLogits;
import inkling.generate.Sampler;
import inkling.generate.SamplingOptions;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several threads that generate from one model at the same time, each with its own cache, prompt and random numbers. */
final class Generating {
    static final int TOKENS = 100;
    private static final int V = 65;

    /** What one thread got: its ids, and a hash of the bits of all logits that they were drawn from. */
    record Text(List<Integer> ids, int logits) {}

    private Generating() {}

    /** GPT-2's kind of model, or Llama's with grouped heads. */
    static GptConfig config(Positions positions) {
        boolean llama = positions == Positions.ROPE;
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(llama ? 2 : 4).nEmbd(32).nInner(96).bias(!llama)
            .tieEmbeddings(!llama).positions(positions).norm(llama ? Norm.RMS_NORM : Norm.LAYER_NORM)
            .activation(llama ? Activation.SWIGLU : Activation.GELU_TANH)).over(V);
    }

    /** A text, computed with one thread of libtorch: several would add up in another order. This setting belongs to the calling thread. */
    static Text text(Gpt gpt, NDManager manager, int seed) {
        ComputeContext context = ComputeContext.of("cpu").withThreads(1);
        context.enter();
        Random random = new Random(seed);
        Sampler sampler = Sampler.of(SamplingOptions.DEFAULT);
        List<Integer> ids = new ArrayList<>();
        int hash = 0;
        try (GptLogits model = new GptLogits(gpt, manager, context)) {
            int[] next = random.ints(1 + seed % 4, 0, V).toArray();
            for (int token = 0; token < TOKENS; token++) {
                float[] logits = model.read(next)[0];
                hash = 31 * hash + Arrays.hashCode(logits);
                int id = sampler.candidates(logits, new BitSet()).distribution().draw(random.nextDouble());
                ids.add(id);
                next = new int[] {id};
            }
        }
        return new Text(ids, hash);
    }

    /** The texts of seeds 0 … {@code threads} − 1, all at the same time. */
    static List<Text> together(Gpt gpt, NDManager manager, int threads) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<Text>> running = new ArrayList<>();
            for (int seed = 0; seed < threads; seed++) {
                int own = seed;
                running.add(pool.submit(() -> {
                    start.await();
                    return text(gpt, manager, own);
                }));
            }
            List<Text> texts = new ArrayList<>();
            for (Future<Text> one : running) {
                texts.add(one.get());
            }
            return texts;
        } finally {
            pool.shutdown();
        }
    }
}
