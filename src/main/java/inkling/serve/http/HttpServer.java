package inkling.serve.http;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.util.UUID;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * Listens on one address. For each request, it reads the head, asks the {@link Guards}, reads the body, and calls the endpoint. It speaks
 * HTTP/1.1 without TLS. A thread answers one request at a time and may wait while it does. No thread waits for a request to arrive.
 */
public final class HttpServer implements AutoCloseable {
    static final String REQUEST_ID = "X-Request-Id";

    private static final int THREADS_KEPT = 4;
    private static final int THREADS_OF_ITS_OWN = 8;
    private static final int IDLE_THREAD_MILLIS = 10_000;

    /** How long answers may take to end once the server stops. */
    private static final int STOP_MILLIS = 5_000;

    /** How long a connection that carries no answer stays open once the server stops. Browsers keep several such connections. */
    private static final int IDLE_CONNECTION_STOP_MILLIS = 200;

    private final Server server;
    private final ServerConnector connector;
    private final SlowClients slow;
    private final Guards guards;
    private final Routes routes;
    private final Limits limits;
    private final Consumer<Throwable> log;

    /**
     * @param port 0 for any free port
     * @param log receives the server's own faults
     */
    public HttpServer(String host, int port, Guards guards, Routes routes, Limits limits, Consumer<Throwable> log) {
        this.guards = guards;
        this.routes = routes;
        this.limits = limits;
        this.log = log;
        QueuedThreadPool threads = new QueuedThreadPool(limits.connections() + THREADS_OF_ITS_OWN, THREADS_KEPT, IDLE_THREAD_MILLIS);
        threads.setName("http");
        threads.setMaxEvictCount(limits.connections()); // all idle threads end together, not one every ten seconds
        server = new Server(threads, new ScheduledExecutorScheduler("http-clock", true), null);
        HttpConfiguration http = new HttpConfiguration();
        http.setRequestHeaderSize(limits.headBytes());
        http.setSendServerVersion(false);
        http.setHttpCompliance(HttpCompliance.RFC9110);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(limits.write().toMillis());
        connector.setAcceptedTcpNoDelay(true);
        connector.setShutdownIdleTimeout(IDLE_CONNECTION_STOP_MILLIS);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
        server.setErrorHandler(new JsonErrors());
        slow = new SlowClients(server.getScheduler(), limits);
        connector.addBean(slow);
        server.setHandler(new GracefulHandler(new Entrance()));
        server.setStopTimeout(STOP_MILLIS);
    }

    /**
     * Listens from now on.
     *
     * @throws ConfigException if the address is taken or unknown
     * @throws StorageException if the server cannot start for another reason
     */
    public void start() {
        try {
            server.start();
        } catch (BindException | UnresolvedAddressException e) {
            close();
            throw new ConfigException("%s:%d cannot be listened on: %s. Choose another with --host and --port (0 for any free port)."
                .formatted(connector.getHost(), connector.getPort(), e.getMessage() == null ? "no such address" : e.getMessage()), e);
        } catch (Exception e) {
            close();
            if (e.getCause() instanceof BindException taken) {
                throw new ConfigException("%s:%d cannot be listened on: %s. Choose another with --port (0 for any free port)."
                    .formatted(connector.getHost(), connector.getPort(), FileFaults.messageOf(taken)), e);
            }
            throw new StorageException("The server could not be started: " + FileFaults.messageOf(e), e);
        }
    }

    /** Where the server listens, e.g. {@code http://127.0.0.1:8080}. */
    public URI uri() {
        String host = connector.getHost().contains(":") ? "[" + connector.getHost() + "]" : connector.getHost();
        return URI.create("http://%s:%d".formatted(host, connector.getLocalPort()));
    }

    /** Connections that are open now. */
    public int connections() {
        return slow.count();
    }

    /** Takes no more connections; the open connections go on. */
    public void stopAccepting() {
        connector.setAccepting(false);
    }

    /** Waits at most {@value #STOP_MILLIS} ms for running answers to end, then closes all connections. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            log.accept(e);
        }
    }

    /** Checks each request, has its body read, and hands it to a thread that answers it. */
    private final class Entrance extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            slow.bodyBegins(request);
            Callback end = Callback.from(callback, () -> slow.answered(request));
            response.getHeaders().put(REQUEST_ID, "req-" + UUID.randomUUID());
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            BodyReader.Refusal refusal = (reason, isRead) -> refuse(reason, !isRead, response, end);
            try {
                guards.checkOrigin(request);
                guards.addSharing(request, response.getHeaders());
                if (guards.isPreflight(request)) {
                    response.setStatus(204);
                    end.succeeded();
                    return true;
                }
                String path = request.getHttpURI().getCanonicalPath();
                if (!routes.isOpen(path)) {
                    guards.checkKey(request);
                }
                Routes.Found found = routes.find(request.getMethod(), path);
                if (request.getMethod().equals("POST")) {
                    requireJson(request);
                }
                new BodyReader(request, limits.bodyBytes(),
                    body -> server.getThreadPool().execute(() -> answer(found, body, request, response, end)), refusal).begin();
            } catch (ApiFault fault) {
                new BodyReader(request, limits.bodyBytes(), body -> { }, refusal).refuse(fault);
            }
            return true;
        }
    }

    /** Refuses all types but JSON, because a page of another site can make a browser post a form or plain text without a preflight. */
    private static void requireJson(Request request) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !type.split(";")[0].strip().equalsIgnoreCase("application/json")) {
            throw ApiFault.request(415, "Content-Type must be application/json.");
        }
    }

    private void answer(Routes.Found found, byte[] body, Request request, Response response, Callback callback) {
        slow.answerBegins(request);
        request.addIdleTimeoutListener(timeout -> false); // the idle limit is for clients: an answer may take longer
        Departure departure = Departure.watch(request);
        Exchange exchange = new Exchange(request, response, body, found.segment(), departure, limits.ping());
        Throwable fault = null;
        try {
            found.endpoint().answer(exchange);
        } catch (Throwable e) {
            fault = e;
        }
        boolean early = departure.end();
        boolean close = exchange.isAborted() || departure.hasLeft();
        if (fault == null && !close) {
            callback.succeeded();
        } else if (fault == null || fault instanceof IOException || exchange.hasBegun()) {
            if (fault != null && !(fault instanceof IOException)) {
                log.accept(fault);
            }
            callback.failed(new EofException("the connection ends with this answer")); // Jetty does not log this kind of exception
        } else {
            refuse(faultOf(fault), early, response, callback);
        }
    }

    private ApiFault faultOf(Throwable e) {
        if (e instanceof ApiFault fault) {
            return fault;
        }
        if (e instanceof ConfigException rule) {
            return ApiFault.request(400, rule.getMessage());
        }
        log.accept(e);
        return ApiFault.ours("Something went wrong in this server; its log says what.");
    }

    /** @param close whether the connection ends with this answer */
    private static void refuse(ApiFault fault, boolean close, Response response, Callback callback) {
        if (close) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        JsonErrors.write(fault, response, callback);
    }
}
