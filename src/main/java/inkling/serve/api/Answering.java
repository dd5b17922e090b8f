package inkling.serve.api;

import inkling.serve.api.GenerateRequest.Prompt;
import inkling.serve.api.Inbox.Event;
import inkling.serve.batch.QueueFullException;
import inkling.serve.batch.Work;
import inkling.serve.http.Exchange;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Answers one request. It hands the request's prompts to the model's thread, and passes the results on to a listener. The thread gets at
 * most as many prompts at a time as fit into the slots. If the client leaves, the work on its prompts is cancelled. The caller closes this
 * object, which cancels the work that still runs.
 */
final class Answering implements AutoCloseable {
    /** Receives the results. */
    interface Listener {
        /** A choice has more text or tokens. */
        void grew(Choice choice, Choice.Growth growth) throws IOException;

        void finished(Choice choice) throws IOException;

        /** No result came for the time {@code silent}. */
        void waited(Duration silent) throws IOException;

        /** {@code ahead} prompts wait before the first prompt of this request. */
        void waits(int ahead) throws IOException;

        /** {@code tokens} tokens of the choice's prompt have been read so far; the prompt's other tokens are still to be read. */
        void read(Choice choice, int tokens) throws IOException;
    }

    /** How long this waits for a result before it checks whether the client has left. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private final GenerateRequest request;
    private final Exchange exchange;
    private final Inbox inbox = new Inbox();
    private final List<Choice> choices = new ArrayList<>();
    private Supplier<OptionalInt> ahead = OptionalInt::empty; // how many prompts wait before the first one of this request
    private OptionalInt toldAhead = OptionalInt.empty();
    private int handedOver;
    private int running;
    private int cached;

    /** Makes the choices. If the request asks for echoed prompts with log-probabilities, the model reads those prompts here. */
    Answering(GenerateRequest request, Exchange exchange) throws IOException {
        this.request = request;
        this.exchange = exchange;
        exchange.whenAbandoned(inbox::cancel);
        OptionalInt logprobs = request.logprobs();
        for (Prompt prompt : request.prompts()) {
            requireClient();
            EchoedPrompt echo = !request.echo() ? EchoedPrompt.NONE : logprobs.isEmpty() ? new EchoedPrompt(prompt.text(), List.of())
                : EchoedPrompt.scored(prompt, request.model(), logprobs.getAsInt());
            for (int sample = 0; sample < request.options().samples(); sample++) {
                choices.add(new Choice(choices.size(), prompt.ids(), request, echo));
            }
        }
    }

    private void requireClient() throws IOException {
        if (exchange.isAbandoned()) {
            throw new IOException("the client has left");
        }
    }

    List<Choice> choices() {
        return choices;
    }

    /** How many of the prompts' tokens had been read for earlier prompts. */
    int cached() {
        return cached;
    }

    /** Hands over the first prompts, or ends all choices if no text is asked for. @throws QueueFullException if no prompt finds room */
    void begin() {
        if (!request.generates()) {
            choices.forEach(Choice::end);
            return;
        }
        handOver();
    }

    private void handOver() {
        int n = request.options().samples();
        int most = Math.max(1, request.model().batcher().options().slots() / n);
        while (handedOver < request.prompts().size() && running < most) {
            try {
                Supplier<OptionalInt> place = request.model().batcher().submit(new Work(request.prompts().get(handedOver).ids(),
                    request.reading(), request.options(), request.mode(), request.neededLogprobs(), inbox.from(handedOver * n)));
                ahead = handedOver == 0 ? place : ahead;
            } catch (QueueFullException e) {
                if (handedOver == 0) {
                    throw e;
                }
                return; // the other prompts follow when there is room
            }
            handedOver++;
            running++;
        }
    }

    /** Passes the results on until all choices are complete. */
    void run(Listener listener) throws IOException {
        long last = System.nanoTime();
        try {
            while (running > 0 || request.generates() && handedOver < request.prompts().size()) {
                Optional<Event> event = inbox.next(LOOK);
                requireClient();
                tellPlace(listener);
                if (event.isPresent()) {
                    take(event.get(), listener);
                    last = System.nanoTime();
                } else if (System.nanoTime() - last >= exchange.ping().toNanos()) {
                    listener.waited(Duration.ofNanos(System.nanoTime() - last));
                    last = System.nanoTime();
                }
                handOver();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private void tellPlace(Listener listener) throws IOException {
        OptionalInt now = ahead.get();
        if (now.isPresent() && !now.equals(toldAhead)) {
            listener.waits(now.getAsInt());
        }
        toldAhead = now;
    }

    @Override
    public void close() {
        inbox.cancel();
    }

    private void take(Event event, Listener listener) throws IOException {
        if (event instanceof Event.Complete complete) {
            cached += complete.cached();
            running--;
        } else if (event instanceof Event.Read read) {
            listener.read(choices.get(read.choice()), read.tokens());
        } else if (event instanceof Event.Token token) {
            choices.get(token.choice()).token(token.logprobs());
        } else if (event instanceof Event.Text text) {
            Choice choice = choices.get(text.choice());
            listener.grew(choice, choice.text(text.text()));
        } else if (event instanceof Event.Finished finished) {
            Choice choice = choices.get(finished.choice());
            Choice.Growth rest = choice.finish(finished.reason(), finished.tokens());
            if (!rest.tokens().isEmpty()) {
                listener.grew(choice, rest);
            }
            listener.finished(choice);
        } else if (event instanceof Event.Failed failed) {
            throw failed.why();
        }
    }
}
