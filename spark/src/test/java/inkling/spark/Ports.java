package inkling.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The addresses at which processes listen, read from {@code /proc}; {@code ss -ltnp} prints the same. */
final class Ports {
    private static final String LISTENING = "0A";

    private Ports() {}

    /** The addresses at which this process and all its descendants listen, e.g. {@code 127.0.0.1:7077}. */
    static List<String> ofThisTree() throws IOException {
        Set<String> sockets = new HashSet<>();
        List<Long> processes = new ArrayList<>(List.of(ProcessHandle.current().pid()));
        ProcessHandle.current().descendants().forEach(process -> processes.add(process.pid()));
        for (long process : processes) {
            try (Stream<Path> open = Files.list(Path.of("/proc/" + process + "/fd"))) {
                for (Path descriptor : open.toList()) {
                    sockets.add(Files.isSymbolicLink(descriptor) ? Files.readSymbolicLink(descriptor).toString() : "");
                }
            } catch (IOException e) {
                continue;   // the process has ended meanwhile
            }
        }
        List<String> listening = new ArrayList<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] fields = line.strip().split("\\s+");
                if (fields[3].equals(LISTENING) && sockets.contains("socket:[" + fields[9] + "]")) {
                    listening.add(address(fields[1]));
                }
            }
        }
        return listening;
    }

    /** Linux writes each four bytes of an address as one number in the byte order of the machine, which is little-endian here. */
    private static String address(String hexadecimal) throws IOException {
        String[] parts = hexadecimal.split(":");
        byte[] raw = HexFormat.of().parseHex(parts[0]);
        byte[] address = new byte[raw.length];
        for (int i = 0; i < raw.length; i++) {
            address[i] = raw[i / 4 * 4 + 3 - i % 4];
        }
        return InetAddress.getByAddress(address).getHostAddress() + ":" + Integer.parseInt(parts[1], 16);
    }

    static boolean isLoopback(String address) {
        return address.startsWith("127.") || address.startsWith("0:0:0:0:0:0:0:1:");
    }
}
