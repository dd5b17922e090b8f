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
 * The training that a server was begun beside, by {@code train --dashboard}: whether it goes on, and why it failed if it did, which a page
 * could not know otherwise where there is no run yet. For any number of threads.
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
     * @param process the training's number
     * @param faults ends with the training; what it writes there is why it failed, in UTF-8
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
            return;   // it ended without a word
        }
    }

    /** Returns when the training has ended. */
    public void await() {
        training.ifPresent(handle -> handle.onExit().join());
    }

    /** {@code process}, {@code ended}, the {@code fault} and the {@code run}, both empty as long as there is none. */
    synchronized Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("process", process);
        json.put("ended", training.filter(ProcessHandle::isAlive).isEmpty());
        json.put("fault", fault);
        json.put("run", run);
        return json;
    }

    /** Why the training of this run failed; empty where it did not, or trained another one. Keeps in mind whose run it is. */
    synchronized Optional<String> failure(RunStanding standing) {
        if (standing.trainer().isPresent()) {
            run = standing.trainer().getAsLong() == process ? standing.name() : run;
            return Optional.empty();
        }
        return Optional.of(fault).filter(text -> !text.isEmpty() && run.equals(standing.name()));
    }
}
