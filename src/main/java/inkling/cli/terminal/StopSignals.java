package inkling.cli.terminal;

import inkling.errors.ExitCode;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import sun.misc.Signal;

/**
 * SIGINT, SIGTERM and SIGHUP ask a long command to end at its next good moment. A second signal quits at once. {@link #getAsBoolean} is
 * true from the first signal on.
 */
public final class StopSignals implements BooleanSupplier {
    private final AtomicReference<ExitCode> received = new AtomicReference<>();
    private final String answer;

    private StopSignals(String answer) {
        this.answer = answer;
    }

    /** Installs the handlers for a training, which can be saved after any update. */
    public static StopSignals install() {
        return install("saving after this update");
    }

    /** Installs the handlers. @param answer tells the user what the first signal makes the command do: {@code saving after this round} */
    public static StopSignals install(String answer) {
        StopSignals signals = new StopSignals(answer);
        signals.handle("INT", ExitCode.STOPPED_BY_SIGINT);
        signals.handle("TERM", ExitCode.STOPPED_BY_SIGTERM);
        signals.handle("HUP", ExitCode.STOPPED_BY_SIGHUP);
        return signals;
    }

    private void handle(String name, ExitCode code) {
        try {
            Signal.handle(new Signal(name), signal -> {
                if (!received.compareAndSet(null, code)) {
                    Runtime.getRuntime().halt(code.code());
                }
                Console.err().println("SIG" + name + ": " + answer + "; a second signal quits at once.");
            });
        } catch (IllegalArgumentException e) {
            return; // Windows has no HUP; a signal that cannot be caught keeps its default
        }
    }

    @Override
    public boolean getAsBoolean() {
        return received.get() != null;
    }

    /** The exit code of the first signal; null until {@link #getAsBoolean} is true. */
    public ExitCode exitCode() {
        return received.get();
    }
}
