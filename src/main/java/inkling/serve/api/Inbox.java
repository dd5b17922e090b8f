package inkling.serve.api;

import inkling.generate.Generation.FinishReason;
import inkling.serve.batch.Receiver;
import inkling.serve.batch.TokenLogprobs;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Carries the results of one request from the model's thread to the request's own thread, which writes them to the client. The number of
 * results is bounded, since each choice fits into the model's context. A client that does not read them is cut off by the time limit of a
 * write.
 */
final class Inbox {
    sealed interface Event {
        record Complete(int cached) implements Event {}

        record Read(int choice, int tokens) implements Event {}

        record Token(int choice, TokenLogprobs logprobs) implements Event {}

        record Text(int choice, String text) implements Event {}

        record Finished(int choice, FinishReason reason, int tokens) implements Event {}

        record Failed(RuntimeException why) implements Event {}
    }

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;

    /**
     * A receiver that puts the results of one piece of work into this inbox. The samples of the work are the choices {@code first},
     * {@code first} + 1 … of the request.
     */
    Receiver from(int first) {
        return new Receiver() {
            @Override
            public void read(int tokens) {
                events.add(new Event.Read(first, tokens));
            }

            @Override
            public void token(int sample, TokenLogprobs logprobs) {
                events.add(new Event.Token(first + sample, logprobs));
            }

            @Override
            public void text(int sample, String text) {
                events.add(new Event.Text(first + sample, text));
            }

            @Override
            public void finished(int sample, FinishReason reason, int tokens) {
                events.add(new Event.Finished(first + sample, reason, tokens));
            }

            @Override
            public void complete(int cached) {
                events.add(new Event.Complete(cached));
            }

            @Override
            public void failed(RuntimeException why) {
                events.add(new Event.Failed(why));
            }

            @Override
            public boolean isCancelled() {
                return cancelled;
            }
        };
    }

    /** Waits for the next event, at most for the time {@code most}. */
    Optional<Event> next(Duration most) throws InterruptedException {
        return Optional.ofNullable(events.poll(most.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Tells the model's thread that nobody wants the rest of the results. */
    void cancel() {
        cancelled = true;
    }
}
