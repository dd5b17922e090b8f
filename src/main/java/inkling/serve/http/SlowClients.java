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
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections whose client sends a request too slowly. An idle timeout begins anew with each byte, so a client that sends one byte now
 * and then would hold its connection for ever; here the whole head has its time, and so has the whole body.
 */
final class SlowClients implements Connection.Listener {
    private static final Duration SWEEP = Duration.ofMillis(250);

    /** What is being waited for: a head where {@code body} is empty. Nothing is waited for while an answer is on its way. */
    private record Wait(long since, Optional<Request> body) {}

    private final Map<Connection, AtomicReference<Optional<Wait>>> waits = new ConcurrentHashMap<>();
    private final Scheduler scheduler;
    private final Limits limits;

    SlowClients(Scheduler scheduler, Limits limits) {
        this.scheduler = scheduler;
        this.limits = limits;
        again();
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

    /** The head is there, the body is awaited. */
    void bodyBegins(Request request) {
        set(request, Optional.of(new Wait(System.nanoTime(), Optional.of(request))));
    }

    /** The request is there; its answer may take any time. */
    void answerBegins(Request request) {
        set(request, Optional.empty());
    }

    /** The next request may come. */
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

    private void again() {
        scheduler.schedule(this::sweep, SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        long now = System.nanoTime();
        waits.forEach((connection, current) -> current.get().ifPresent(wait -> {
            Duration most = wait.body().isPresent() ? limits.body() : limits.head();
            if (now - wait.since() > most.toNanos() && current.compareAndSet(Optional.of(wait), Optional.empty())) {
                wait.body().ifPresentOrElse(request -> request.fail(new TimeoutException("a slow body")), connection::close);
            }
        }));
        again();
    }
}
