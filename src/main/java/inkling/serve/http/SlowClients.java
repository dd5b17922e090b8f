package inkling.serve.http;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections whose client sends a request too slowly. Jetty's idle timeout begins anew with each byte, so a client that sends one
 * byte now and then would keep its connection for ever. Here one time limit holds for the whole head, and another for the whole body.
 */
final class SlowClients extends AbstractLifeCycle implements Connection.Listener {
    private static final Duration SWEEP = Duration.ofMillis(250); // between two looks at all connections

    /**
     * What a connection waits for: the body of the request {@code body}, or the next head if {@code body} is empty. During an answer, and
     * once its time is up, a connection has no Wait.
     *
     * @param since {@link System#nanoTime} when the wait began
     */
    private record Wait(long since, Optional<Request> body) {}

    private final Map<Connection, AtomicReference<Optional<Wait>>> waits = new ConcurrentHashMap<>();
    private final Scheduler scheduler;
    private final Limits limits;

    SlowClients(Scheduler scheduler, Limits limits) {
        this.scheduler = scheduler;
        this.limits = limits;
    }

    /** Begins to look at the connections. It cannot begin earlier: the scheduler takes no task before the server has started it. */
    @Override
    protected void doStart() {
        scheduleSweep();
    }

    @Override
    public void onOpened(Connection connection) {
        waits.put(connection, new AtomicReference<>(head()));
    }

    @Override
    public void onClosed(Connection connection) {
        waits.remove(connection);
    }

    private static Optional<Wait> head() {
        return Optional.of(new Wait(System.nanoTime(), Optional.empty()));
    }

    /** The head has arrived; the time for the body begins. */
    void bodyBegins(Request request) {
        set(request, Optional.of(new Wait(System.nanoTime(), Optional.of(request))));
    }

    /** The body has arrived; the answer may take any time. */
    void answerBegins(Request request) {
        set(request, Optional.empty());
    }

    /** The answer has been sent; the time for the next head begins. */
    void answered(Request request) {
        set(request, head());
    }

    private void set(Request request, Optional<Wait> wait) {
        AtomicReference<Optional<Wait>> current = waits.get(request.getConnectionMetaData().getConnection());
        if (current != null) {
            current.set(wait);
        }
    }

    /** Connections that are open. */
    int count() {
        return waits.size();
    }

    private void scheduleSweep() {
        scheduler.schedule(this::sweep, SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        long now = System.nanoTime();
        waits.forEach((connection, current) -> {
            Optional<Wait> seen = current.get(); // compareAndSet below compares this object: it fails if the wait is over
            seen.ifPresent(wait -> {
                Duration most = wait.body().isPresent() ? limits.body() : limits.head();
                if (now - wait.since() > most.toNanos() && current.compareAndSet(seen, Optional.empty())) {
                    wait.body().ifPresentOrElse(request -> request.fail(new TimeoutException("a slow body")), connection::close);
                }
            });
        });
        scheduleSweep();
    }
}
