package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send or read slowly, or leave. */
@Tag("thorough")
class SlowClientsTest extends HostileClients {
    @Test void aBodyThatIsAnnouncedAndDoesNotComeEndsInTime() throws IOException {
        refused(408, server.raw(POST + "Content-Length: 1000\r\n\r\n{\"prompt\":"));
        String early = server.raw(POST.replace("HTTP/1.1", "HTTP/1.0") + "Content-Length: 1000\r\n\r\n{");
        assertTrue(early.startsWith("HTTP/1.1 408"), early);
    }

    /** Each client sends byte after byte, so no idle timeout runs out, until the server answers or closes the connection. */
    @Test void drippingHeadsAndBodiesAreEndedWhileOthersAreAnswered() throws Exception {
        List<Socket> dripping = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Socket socket = server.connect();
            socket.getOutputStream().write((i % 2 == 0 ? "GET /health HTTP/1.1\r\nX-Slow: "
                : POST + "Content-Length: 5000\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            dripping.add(socket);
        }
        long began = System.nanoTime();
        assertEquals(200, server.post("/v1/completions", "{'prompt':'The','max_tokens':2}").status());
        assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(5), "a normal request among the dripping ones");
        while (!dripping.isEmpty()) {
            for (Socket socket : List.copyOf(dripping)) {
                if (!drips(socket)) {
                    socket.close();
                    dripping.remove(socket);
                }
            }
        }
        await(() -> server.server().connections() <= 2);
    }

    /** The bytes come too slowly to reach a limit of bytes: only the time limit of a whole head or body ends the connection. */
    @ParameterizedTest
    @ValueSource(strings = {"GET /health HTTP/1.1\r\nX-Slow: ", POST + "Content-Length: 5000\r\n\r\n"})
    void aByteNowAndThenIsEndedByTheTimeLimit(String begun) throws Exception {
        try (Socket socket = server.connect()) {
            socket.setSoTimeout(100); // the pace of the bytes, far below the time after which a connection is idle
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.UTF_8));
            int bytes = 0;
            while (bytes < 300 && isSilent(socket)) {
                socket.getOutputStream().write('x');
                bytes++;
            }
            assertTrue(bytes < 300, "still open after 300 bytes");
        }
    }

    private static boolean isSilent(Socket socket) throws IOException {
        try {
            socket.getInputStream().read();
            return false;
        } catch (SocketTimeoutException nothingCame) {
            return true;
        } catch (SocketException closed) {
            return false;
        }
    }

    private static boolean drips(Socket socket) {
        try {
            socket.getOutputStream().write('x');
            return socket.getInputStream().available() == 0;
        } catch (IOException closed) {
            return false;
        }
    }

    private static Socket begun(String json) throws IOException {
        String body = json.replace('\'', '"');
        Socket socket = server.connect();
        socket.getOutputStream().write((POST + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** Clients leave while they get a stream, while they wait for an answer in one piece, and while they wait for a slot. */
    @Test void aClientThatLeavesFreesItsSlot() throws IOException {
        String endless = "{'prompt':'The','max_tokens':60,'ignore_eos':true,'n':2%s}";
        for (int round = 0; round < 5; round++) {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sockets.add(begun(endless.formatted(i % 2 == 0 ? ",'stream':true" : "")));
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(sockets.get(0).getInputStream(), StandardCharsets.UTF_8));
            await(() -> {
                try {
                    return reader.readLine().startsWith("data: ");
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** A client that reads nothing must not stop another's text, nor hold its own slot for ever. */
    @Test void aReaderThatNeverReadsIsCutOff() throws IOException {
        List<Socket> unread = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(1024);
            socket.connect(new java.net.InetSocketAddress(server.uri("/").getHost(), server.uri("/").getPort()));
            OutputStream out = socket.getOutputStream();
            String body = "{\"prompt\":" + "[" + "[5],".repeat(127) + "[5]]"
                + ",\"max_tokens\":60,\"ignore_eos\":true,\"stream\":true,\"logprobs\":5}";
            out.write((POST + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
            unread.add(socket);
        }
        await(() -> server.figure("slots_busy", "gpt2") > 0);
        assertEquals(200, server.post("/v1/completions", "{'prompt':'The','max_tokens':3}").status());
        await(() -> server.figure("slots_busy", "gpt2") == 0);
        for (Socket socket : unread) {
            socket.close();
        }
    }
}
