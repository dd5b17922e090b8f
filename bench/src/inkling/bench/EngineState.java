package inkling.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.Autograd;
import inkling.engine.Devices;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A manager that lives as long as a trial and one that lives as long as a call; nothing is recorded for gradients unless asked. */
@State(Scope.Thread)
public class EngineState {
    NDManager trial;
    NDManager call;
    private Autograd off;

    @Setup(Level.Trial)
    public void open() {
        trial = Devices.manager(Device.cpu()); // loads the engine
        off = Autograd.off();
    }

    @Setup(Level.Invocation)
    public void enter() {
        call = trial.newSubManager();
    }

    @TearDown(Level.Invocation)
    public void leave() {
        call.close();
    }

    @TearDown(Level.Trial)
    public void close() {
        trial.close();
        off.close();
    }
}
