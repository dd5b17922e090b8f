package inkling.bench;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A manager that lives as long as a trial, and a manager that lives as long as a call. Operations are recorded for gradients only within
 * {@link inkling.engine.Autograd#recording}.
 */
@State(Scope.Thread)
public class EngineState {
    static final ComputeContext CONTEXT = ComputeContext.of("cpu");

    NDManager trial;
    NDManager call;

    @Setup(Level.Trial)
    public void open() {
        trial = CONTEXT.manager();
        CONTEXT.enter();
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
    }
}
