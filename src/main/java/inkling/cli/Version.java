package inkling.cli;

import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import picocli.CommandLine.IVersionProvider;

/** {@code --version}: what a bug report needs. Loads the engine, since it names the engine and its libraries. */
final class Version implements IVersionProvider {
    static final String INKLING = "0.2.0";

    @Override
    public String[] getVersion() {
        return new String[] {
            "Inkling " + INKLING,
            "engine: " + Devices.version() + ", " + ComputeContext.of("auto").threads() + " threads",
            "native libraries: " + Devices.nativeLibraries(),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        };
    }
}
