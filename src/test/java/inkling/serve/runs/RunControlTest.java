package inkling.serve.runs;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunControlTest {
    /** @param normal whether the system has a signal on which a process can save and end; Windows has none */
    private static Optional<ProcessHandle> process(long pid, boolean normal) {
        return Optional.of((ProcessHandle) Proxy.newProxyInstance(RunControlTest.class.getClassLoader(),
            new Class<?>[] {ProcessHandle.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "pid" -> pid;
                case "supportsNormalTermination" -> normal;
                default -> throw new UnsupportedOperationException(method.getName());
            }));
    }

    @Test void whatCannotBeStoppedFromHereSaysWhere() {
        assertEquals(Optional.empty(), RunControl.refusal(process(-5, true)));
        says(RunControl.refusal(process(-5, false)).orElseThrow(), "cannot ask its process", "Ctrl-C");
        says(RunControl.refusal(process(ProcessHandle.current().pid(), true)).orElseThrow(), "Ctrl-C");
        says(RunControl.refusal(Optional.empty()).orElseThrow(), "no process on this machine", "Ctrl-C");
    }
}
