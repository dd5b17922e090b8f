package inkling.serve.runs;

import inkling.errors.Printable;
import inkling.run.folder.RunStanding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The training that started this server with {@code train --dashboard}: whether it still runs and, if it failed, why. A page learns the
 * reason from here even if the training failed before it made a run directory. For any number of threads.
 */
public final class BesideTraining {
    private final long process;
    private final Optional<ProcessHandle> training;
    private String fault = "";
    private String run = "";

    private BesideTraining(long process) {
        this.process = process;
        training = ProcessHandle.of(process);
    }

    /**
     * @param process the training's process id
     * @param faults a stream that ends with the training. If the training fails, the stream brings the reason, in UTF-8
     */
    public static BesideTraining of(long process, InputStream faults) {
        BesideTraining beside = new BesideTraining(process);
        Thread thread = new Thread(() -> beside.listen(faults), "beside");
        thread.setDaemon(true);
        thread.start();
        return beside;
    }

    private void listen(InputStream faults) {
        try {
            String told = new String(faults.readAllBytes(), StandardCharsets.UTF_8).strip();
            synchronized (this) {
                fault = Printable.text(told);
            }
        } catch (IOException e) {
            return;   // the reason is not known
        }
    }

    /** Returns when the training has ended. */
    public void await() {
        training.ifPresent(handle -> handle.onExit().join());
    }

    /** {@code process}, {@code ended}, {@code fault} (why it failed, or "") and {@code run} (the name of its run; "" if not known). */
    synchronized Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("process", process);
        json.put("ended", training.filter(ProcessHandle::isAlive).isEmpty());
        json.put("fault", fault);
        json.put("run", run);
        return json;
    }

    /**
     * Why the training failed, if it trained this run; empty if no fault is known. While a process trains the run, this method notes
     * whether that process is this training.
     */
    synchronized Optional<String> failure(RunStanding standing) {
        if (standing.trainer().isPresent()) {
            run = standing.trainer().getAsLong() == process ? standing.name() : run;
            return Optional.empty();
        }
        return Optional.of(fault).filter(text -> !text.isEmpty() && run.equals(standing.name()));
    }
}
