package inkling.serve.batch;

import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * The texts of a model that are written alone ({@link ExactText}): one grows, the others wait for their turn. Any thread may add a text and
 * count those that wait. All other methods are for the model's thread alone.
 */
final class ExactTexts {
    private record Waiting(Work work, WorkListener listener) {}

    private final Gpt gpt;
    private final ComputeContext context;
    private final Deque<Waiting> waiting = new ArrayDeque<>();      // guarded by this object's lock
    private Optional<ExactText> growing = Optional.empty();         // of the model's thread

    ExactTexts(Gpt gpt, ComputeContext context) {
        this.gpt = gpt;
        this.context = context;
    }

    /** Adds a text behind those that wait. The result tells how many wait before it; it is empty once the text no longer waits. */
    synchronized Supplier<OptionalInt> add(Work work, WorkListener listener) {
        Waiting one = new Waiting(work, listener);
        waiting.add(one);
        return () -> ahead(one);
    }

    private synchronized OptionalInt ahead(Waiting one) {
        int place = List.copyOf(waiting).indexOf(one);
        return place < 0 ? OptionalInt.empty() : OptionalInt.of(place);
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** Whether a text grows or waits. */
    boolean isBusy() {
        return growing.isPresent() || waiting() > 0;
    }

    /**
     * Makes one token of the text that grows. If none grows, first begins the next text. Returns false if there was no text, or if the next
     * text could not begin.
     */
    boolean step() {
        growing = growing.or(() -> poll().flatMap(this::begin));
        if (growing.isEmpty()) {
            return false;
        }
        if (!growing.get().step()) {
            growing.get().close();
            growing = Optional.empty();
        }
        return true;
    }

    private synchronized Optional<Waiting> poll() {
        return Optional.ofNullable(waiting.poll());
    }

    /** Returns nothing if the text cannot begin. The fault ends that text alone. */
    private Optional<ExactText> begin(Waiting one) {
        try {
            return Optional.of(new ExactText(one.work(), one.listener(), gpt, context));
        } catch (RuntimeException e) {
            one.listener().failed(e);
            return Optional.empty();
        }
    }

    /** Ends all texts with the given reason. */
    void end(RuntimeException why) {
        growing.ifPresent(text -> {
            text.fail(why);
            text.close();
        });
        growing = Optional.empty();
        for (Optional<Waiting> one = poll(); one.isPresent(); one = poll()) {
            one.get().listener().failed(why);
        }
    }
}
