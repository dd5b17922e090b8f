package inkling.pages;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy between browser and server. A test can limit how many bytes still pass to the browser, or close all connections and refuse new
 * ones until {@link #mend}. The proxy also records what passes.
 */
final class Line implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final int server;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final StringBuilder asked = new StringBuilder();    // what the browser has sent since the last wasAsked
    private final StringBuilder answered = new StringBuilder();   // what has come to the browser since the last untilAnswered
    private long left = Long.MAX_VALUE; // how many more bytes may pass to the browser
    private boolean cut;

    /** @param server the server's port */
    Line(int server) {
        this.server = server;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException | InterruptedException e) {
                // a socket was closed by the browser, the server or the test
            }
        }, "line");
        thread.setDaemon(true);
        thread.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:%d/".formatted(listener.getLocalPort()));
    }

    private void accept() throws IOException {
        while (true) {
            Socket browser = listener.accept();
            if (isCut()) {
                browser.close();
                continue;
            }
            Socket there;
            try {
                there = new Socket(InetAddress.getLoopbackAddress(), server);
            } catch (IOException e) {   // the server is gone
                browser.close();
                continue;
            }
            open.add(browser);
            open.add(there);
            start(() -> pass(browser, there, false));
            start(() -> pass(there, browser, true));
        }
    }

    private void pass(Socket from, Socket to, boolean limited) throws IOException, InterruptedException {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] some = new byte[512];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                if (limited) {
                    await(n);
                }
                out.write(some, 0, n);
                out.flush();
                passed(limited ? answered : asked, some, n);
            }
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private synchronized void passed(StringBuilder seen, byte[] bytes, int n) {
        seen.append(new String(bytes, 0, n, StandardCharsets.ISO_8859_1));
        notifyAll();
    }

    /** Waits until a text comes to the browser. What came before the end of the last such wait does not count. */
    synchronized void untilAnswered(String text) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int at = answered.indexOf(text); at < 0; at = answered.indexOf(text)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never came to the browser: " + text);
            }
            wait(PATIENCE.toMillis());
        }
        answered.setLength(0);
    }

    /** Whether the browser has sent a text since the last call of this method. */
    synchronized boolean wasAsked(String text) {
        boolean found = asked.indexOf(text) >= 0;
        asked.setLength(0);
        return found;
    }

    private synchronized void await(int bytes) throws InterruptedException {
        while (left < bytes) {
            wait();
        }
        left -= bytes;
    }

    private synchronized boolean isCut() {
        return cut;
    }

    /** Lets only {@code bytes} more bytes pass to the browser, until {@link #mend}. */
    synchronized void letPass(long bytes) {
        left = bytes;
    }

    /** Closes all connections, and every new connection until {@link #mend}. */
    void cut() throws IOException {
        synchronized (this) {
            cut = true;
        }
        for (Socket socket : open) {
            socket.close();
        }
    }

    synchronized void mend() {
        cut = false;
        left = Long.MAX_VALUE;
        notifyAll();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
