package inkling.run.process;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.Optional;

/** The browser of this machine's desktop, if it has one. */
public final class DesktopBrowser {
    private DesktopBrowser() {}

    /** Opens a page; does nothing if there is no desktop, or no program that opens pages. */
    public static void open(String uri) {
        List<String> command = command(uri);
        if (command.isEmpty()) {
            return;
        }
        try {
            new ProcessBuilder(command).redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
        } catch (IOException e) {
            return;   // there is no such program; the user can open the address, which ServeCommand prints
        }
    }

    private static List<String> command(String uri) {
        String system = System.getProperty("os.name");
        if (system.startsWith("Windows")) {
            return List.of("rundll32", "url.dll,FileProtocolHandler", uri);
        }
        if (system.startsWith("Mac")) {
            return List.of("open", uri);
        }
        boolean desktop = List.of("DISPLAY", "WAYLAND_DISPLAY").stream()
            .anyMatch(name -> Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty()).isPresent());
        return desktop ? List.of("xdg-open", uri) : List.of();
    }
}
