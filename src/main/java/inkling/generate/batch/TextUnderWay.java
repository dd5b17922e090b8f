package inkling.generate.batch;

import inkling.generate.Generation;
import inkling.generate.Prompts;
import inkling.generate.SampleInProgress;
import inkling.generate.batch.Sequences.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** A prompt that waits, is being read, or is being continued by its samples. */
final class TextUnderWay {
    /** A sample, and the sequence of its tokens that the model has read. */
    record Row(SampleInProgress sample, Sequence sequence) {
        /** The tokens of the sample that the model has read, with their sequence. */
        KeptTexts.Kept readPart() {
            return KeptTexts.Kept.of(sample.last(sample.size()), sequence);
        }
    }

    final BatchPrompt prompt;
    private final Prompts prompts;
    final int[] ids;
    final CompletableFuture<BatchResult> result = new CompletableFuture<>();
    final List<Row> rows = new ArrayList<>();
    final List<SampleInProgress> samples = new ArrayList<>();
    Optional<Sequence> reading = Optional.empty(); // while the prompt is being read
    int reused;
    private boolean stopped;

    TextUnderWay(BatchPrompt prompt, Prompts prompts, int[] ids) {
        this.prompt = prompt;
        this.prompts = prompts;
        this.ids = ids;
    }

    /** The most tokens that the model has to hold for each sample, including the prompt. */
    int longest(int context) {
        return (int) Math.min(context, (long) ids.length + prompt.options().maxTokens());
    }

    /**
     * Whether this text must end: the prompt's stop supplier says so, or the result is complete already, because the caller completed it or
     * the listener failed. Once the stop supplier has returned
     * true, it is not asked again. If the stop supplier fails, its exception becomes the result.
     */
    private boolean stopped() {
        try {
            stopped = stopped || result.isDone() || prompt.stop().getAsBoolean();
        } catch (RuntimeException e) {
            stopped = true;
            result.completeExceptionally(e);
        }
        return stopped;
    }

    /** Ends this text if it must end. Returns whether the text was ended. */
    boolean endIfStopped(int context) {
        if (!stopped()) {
            return false;
        }
        end(context);
        return true;
    }

    /** Completes this text with its samples as they are; if that fails, the exception becomes the result. */
    void end(int context) {
        attempt(() -> complete(context));
    }

    /**
     * Runs {@code work}, e.g. a call of the listener. If it throws, the exception becomes the result of this text, and the other texts go
     * on. Returns whether it succeeded.
     */
    boolean attempt(Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
            return false;
        }
    }

    /** Begins the samples: after the whole prompt has been read, or when the text ends before that. */
    void begin() {
        IntStream.range(0, prompt.options().samples())
            .forEach(i -> samples.add(prompts.begin(i, ids, prompt.options(), prompt.listener())));
    }

    /** Cancels the samples that are not complete, and completes the result with all samples as they are now. */
    void complete(int context) {
        if (samples.isEmpty()) {
            begin();
        }
        samples.stream().filter(sample -> !sample.isComplete()).forEach(SampleInProgress::cancel);
        List<Generation.Sample> all = samples.stream().map(SampleInProgress::result).toList();
        result.complete(new BatchResult(Generation.of(prompt.options().seed(), ids, all, context), reused));
    }
}
