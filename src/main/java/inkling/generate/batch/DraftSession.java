package inkling.generate.batch;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.generate.Distribution;
import inkling.generate.Generation;
import inkling.generate.Generator;
import inkling.generate.GptLogits;
import inkling.generate.Prompts;
import inkling.generate.SampleDraws;
import inkling.generate.SampleInProgress;
import inkling.generate.SamplingOptions;
import inkling.generate.TokenText;
import inkling.generate.batch.Sequences.Sequence;
import inkling.model.Gpt;
import inkling.random.SplitMix64;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Speculative decoding (Leviathan et al. 2023, arXiv:2211.17192): a small model, the draft, proposes the next few tokens. The large model
 * checks all of them in one pass, which costs hardly more than a pass for one token. With every sampling option, texts have the
 * distribution that the large model alone gives them. At temperature 0 even the texts are equal, unless two logits differ by no more than
 * rounding. At other temperatures, a seed usually gives another text than without a draft, because a random number
 * then decides whether a proposed token is taken.
 *
 * <p>A session serves one thread at a time, and makes its samples one after the other. The caller that opens a session closes it; both
 * models may be closed first.
 */
public final class DraftSession implements AutoCloseable {
    /** The most tokens that the small model proposes at a time. Together with the token before them, they fill a pass of 4 rows. */
    public static final int AHEAD = 3;

    private static final long DRAFTS = 0x6472616674L; // "draft" in ASCII: keeps the draft's random numbers apart from the sample's own

    private static final String TRAIN_IT = "a draft must be trained with the model's tokenizer.";

    private final NDManager manager;
    private final Sequences large;
    private final Sequences small;
    private final Prompts prompts;
    private long drafted;
    private long taken;

    private DraftSession(NDManager manager, Sequences large, Sequences small, Prompts prompts) {
        this.manager = manager;
        this.large = large;
        this.small = small;
        this.prompts = prompts;
    }

    /**
     * @param gpt the large model
     * @param draft the small model, with the same token for each id: see {@link #requireSameTokens}
     * @param tokenizer without one, prompts are ids and there is no text
     * @param special which ids are put before a prompt of text, and which ids end a sample
     * @throws ConfigException if the models' vocabularies differ in size
     * @throws IllegalStateException if a model has adapters: merge them first
     */
    public static DraftSession open(Gpt gpt, Gpt draft, Optional<Tokenizer> tokenizer, SpecialIds special, ComputeContext context) {
        if (gpt.config().vocabSize() != draft.config().vocabSize()) {
            throw new ConfigException("The draft's vocabulary has %,d tokens and the model's %,d: ".concat(TRAIN_IT)
                .formatted(draft.config().vocabSize(), gpt.config().vocabSize()));
        }
        context.enter();
        NDManager manager = context.manager();
        try {
            Sequences large = new Sequences(gpt.view(manager), manager, context, GptLogits.MOST_COPIED_BYTES);
            Sequences small = new Sequences(draft.view(manager), manager, context, GptLogits.MOST_COPIED_BYTES);
            return new DraftSession(manager, large, small, new Prompts(new TokenText(tokenizer), special, gpt.config().vocabSize()));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Checks that both tokenizers have the same token for each id. @throws ConfigException if their sizes or any tokens differ */
    public static void requireSameTokens(Tokenizer model, Tokenizer draft) {
        if (model.vocabSize() != draft.vocabSize()) {
            throw new ConfigException("The draft's tokenizer has %,d tokens and the model's %,d: ".concat(TRAIN_IT)
                .formatted(draft.vocabSize(), model.vocabSize()));
        }
        for (int id = 0; id < model.vocabSize(); id++) {
            if (!model.token(id).equals(draft.token(id))) {
                throw new ConfigException("Token %d is \"%s\" to the model and \"%s\" to the draft: ".concat(TRAIN_IT)
                    .formatted(id, model.piece(id), draft.piece(id)));
            }
        }
    }

    /**
     * How many drafted tokens the large model has judged so far, and how many of them it took. Tokens after a refused token are not judged.
     */
    public record Acceptance(long drafted, long taken) {
        /** From 0 to 1; 0 where nothing was drafted. */
        public double rate() {
            return drafted == 0 ? 0 : (double) taken / drafted;
        }
    }

    public Acceptance acceptance() {
        return new Acceptance(drafted, taken);
    }

    /** As {@link Generator#generate(String, SamplingOptions, Generator.Listener, BooleanSupplier)}. */
    public Generation generate(String prompt, SamplingOptions options, Generator.Listener listener, BooleanSupplier stop) {
        return generate(prompts.ids(prompt), options, listener, stop);
    }

    /**
     * As {@link Generator#generate(int[], SamplingOptions, Generator.Listener, BooleanSupplier)}, but samples are made one after the other.
     * {@code stop} is asked before each round, in which the small model proposes tokens and the large model checks them. Once it returns
     * true, the sample under way and those after it are cancelled, and {@code stop} is not asked again.
     *
     * @throws ModelFormatException if the logits are not numbers, or if there are stop strings, but no tokenizer
     */
    public Generation generate(int[] promptIds, SamplingOptions options, Generator.Listener listener, BooleanSupplier stop) {
        int[] prompt = prompts.checked(promptIds, options);
        listener.prompt(prompt);
        BooleanSupplier stopped = Generator.lasting(stop);
        List<Generation.Sample> samples = new ArrayList<>();
        try (Sequence readByLarge = large.open(); Sequence readBySmall = small.open()) {
            for (int number = 0; number < options.samples(); number++) {
                SampleInProgress sample = prompts.begin(number, prompt, options, listener);
                SampleDraws drafts = new SampleDraws(SplitMix64.mix(options.seed()) ^ DRAFTS, number);
                readByLarge.truncate(Math.min(readByLarge.length(), prompt.length - 1));
                readBySmall.truncate(Math.min(readBySmall.length(), prompt.length - 1));
                while (!sample.isComplete() && !stopped.getAsBoolean()) {
                    goOn(sample, readByLarge, readBySmall, drafts);
                }
                if (!sample.isComplete()) {
                    sample.cancel();
                }
                samples.add(sample.result());
            }
        }
        return Generation.of(options.seed(), prompt, samples, large.contextLength());
    }

    /**
     * Makes one round: the small model proposes tokens, and the large model checks them in one pass. The sample gets 1 to {@link #AHEAD} +
     * 1 tokens. If the large model has not read the prompt yet, it reads the prompt first. Where a context is full, the large model makes
     * one token alone.
     */
    private void goOn(SampleInProgress sample, Sequence readByLarge, Sequence readBySmall, SampleDraws draws) {
        int size = sample.size();
        if (size > large.contextLength()) {
            sample.advance(large.readApart(sample.last(large.contextLength())));
            return;
        }
        int[] ids = sample.last(size);
        if (readByLarge.length() < size - 1) { // the prompt
            large.read(readByLarge, Arrays.copyOfRange(ids, readByLarge.length(), size - 1));
        }
        int ahead = Math.min(AHEAD, Math.min(large.contextLength(), small.contextLength()) - size);
        List<Distribution> proposals = new ArrayList<>();
        int[] draft = ahead > 0 ? draft(sample, ids, readBySmall, ahead, draws, proposals) : new int[0];
        int[] together = new int[draft.length + 1];
        together[0] = ids[size - 1];
        System.arraycopy(draft, 0, together, 1, draft.length);
        float[][] logits = large.next(Collections.nCopies(together.length, readByLarge), together);
        boolean allTaken = true;
        for (int i = 0; i < draft.length && allTaken && !sample.isComplete(); i++) {
            allTaken = sample.judge(logits[i], draft[i], proposals.get(i));
            drafted++;
            taken += allTaken ? 1 : 0;
        }
        if (allTaken && !sample.isComplete()) {
            sample.advance(logits[draft.length]);
        }
        readByLarge.truncate(Math.min(readByLarge.length(), sample.size() - 1));
        readBySmall.truncate(Math.min(readBySmall.length(), sample.size() - 1));
    }

    /**
     * Draws {@code ahead} tokens from the small model with the sample's options, and adds the distribution of each to {@code proposals}.
     */
    private int[] draft(SampleInProgress sample, int[] ids, Sequence readBySmall, int ahead, SampleDraws draws,
                        List<Distribution> proposals) {
        int[] draft = new int[ahead];
        float[] logits = small.read(readBySmall, Arrays.copyOfRange(ids, readBySmall.length(), ids.length));
        for (int i = 0; i < ahead; i++) {
            Distribution proposal = sample.proposal(logits, Arrays.copyOf(draft, i));
            proposals.add(proposal);
            draft[i] = proposal.draw(draws.next());
            if (i + 1 < ahead) {
                logits = small.read(readBySmall, draft[i]);
            }
        }
        return draft;
    }

    /** Frees the keys and values and the copies of weights. */
    @Override
    public void close() {
        small.close();
        large.close();
        manager.close();
    }
}
