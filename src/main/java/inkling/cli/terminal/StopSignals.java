package inkling.cli.terminal;

import inkling.errors.ExitCode;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import sun.misc.Signal;

/** SIGINT, SIGTERM and SIGHUP ask a training to save and end; a second one quits at once. */
public final class StopSignals implements BooleanSupplier {
    private final AtomicReference<ExitCode> received = new AtomicReference<>();

    private final String unfinished;

    private StopSignals(String unfinished) {
        this.unfinished = unfinished;
    }

    public static StopSignals install() {
        return install("update");
    }

    /** @param unfinished what is finished before the training is saved: {@code update}, {@code round} */
    public static StopSignals install(String unfinished) {
        StopSignals signals = new StopSignals(unfinished);
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
                Console.err().println("SIG" + name + ": saving after this " + unfinished + "; once more quits at once.");
            });
        } catch (IllegalArgumentException e) {
            return; // Windows has no HUP; a signal that cannot be caught keeps its default
        }
    }

    @Override
    public boolean getAsBoolean() {
        return received.get() != null;
    }

    /** The exit code of the first signal; only after {@link #getAsBoolean} was true. */
    public ExitCode exitCode() {
        return received.get();
    }
}
