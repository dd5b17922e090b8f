package inkling.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Spark's master and worker daemons of one core each, on this machine. The workers of a run train in the executors of these daemons. */
record Standalone(Path directory, String master, List<Process> daemons) implements AutoCloseable {
    static Standalone start(Path directory, int workers) throws IOException {
        List<Process> daemons = new ArrayList<>();
        daemons.add(Processes.start(directory, "master", "--port", "0", "--webui-port", "0"));
        String master = Processes.await(daemons.get(0), "The master is ").replaceAll("The master is (spark://[^ ]*[0-9])\\. .*", "$1");
        Standalone cluster = new Standalone(directory, master, daemons);
        for (int worker = 0; worker < workers; worker++) {
            daemons.add(cluster.begin(worker));
        }
        return cluster;
    }

    private Process begin(int worker) throws IOException {
        return Processes.start(directory, "worker", master, "--cores", "1", "--memory", "600m", "--work-dir",
            directory.resolve("work" + worker).toString());
    }

    /** Kills a worker daemon. Its executor is not killed, but notices that its daemon is gone, and ends. */
    void kill(int worker) {
        daemons.get(1 + worker).destroyForcibly().onExit().join();
    }

    /** Kills a worker daemon and starts another in its place. */
    void restart(int worker) throws IOException {
        kill(worker);
        daemons.set(1 + worker, begin(worker));
    }

    /** The executors of all worker daemons. */
    List<ProcessHandle> executors() {
        return daemons.stream().flatMap(Process::descendants).filter(Processes::isExecutor).toList();
    }

    /** The executors of one worker daemon. */
    List<ProcessHandle> executors(int worker) {
        return daemons.get(1 + worker).descendants().filter(Processes::isExecutor).toList();
    }

    @Override
    public void close() {
        daemons.forEach(daemon -> Processes.kill(daemon.toHandle()));
    }
}
