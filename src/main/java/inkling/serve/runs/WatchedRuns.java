package inkling.serve.runs;

import inkling.errors.DidYouMean;
import inkling.errors.InklingException;
import inkling.run.ModelLocation;
import inkling.run.folder.RunFolder;
import inkling.serve.http.ApiFault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The runs of a folder, with what was read from their files. A request names a run. The name is looked up in the list of the folder's runs,
 * and is made a path only if it is in the list.
 */
final class WatchedRuns {
    /**
     * The most bytes of all curves together after a request for the list of runs or for metrics. If they take more, the curves of the runs
     * that were looked up longest ago are dropped. They are read again when a request needs them.
     */
    private static final long MOST_BYTES = 256L << 20;

    private final RunFolder folder;
    private final RunJson status;
    private final Duration between;
    private final Map<String, WatchedRun> watched = new LinkedHashMap<>(16, 0.75f, true);

    /** @param between the least time between two looks that {@link WatchedRun#look} makes, however many pages follow the run */
    WatchedRuns(RunFolder folder, RunJson status, Duration between) {
        this.folder = folder;
        this.status = status;
        this.between = between;
    }

    RunFolder folder() {
        return folder;
    }

    /**
     * What the folder holds.
     *
     * @param runs {@link RunJson#brief} of each run that can be read, in the order of names
     * @param unreadable for each other run, by its name: why it cannot be read
     */
    record Listing(List<Map<String, Object>> runs, Map<String, String> unreadable) {}

    Listing list() {
        List<Map<String, Object>> runs = new ArrayList<>();
        Map<String, String> unreadable = new LinkedHashMap<>();
        List<String> names = ModelLocation.names(folder.path());
        for (String name : names) {
            try {
                runs.add(status.brief(watched(name)));
                forgetOthers(name);
            } catch (InklingException e) {
                unreadable.put(name, e.getMessage());
            }
        }
        synchronized (this) {
            watched.keySet().retainAll(names);
        }
        return new Listing(runs, unreadable);
    }

    /** The directory of a run. @throws ApiFault 404 if no run of the folder has this name */
    Path directory(String name) {
        List<String> names = ModelLocation.names(folder.path());
        if (!names.contains(name)) {
            throw ApiFault.noSuchPath("There is no run of this name." + DidYouMean.hint(name, names));
        }
        return folder.path().resolve(name);
    }

    /** The run of this name. @throws ApiFault 404 if no run of the folder has this name */
    WatchedRun run(String name) {
        directory(name);
        return watched(name);
    }

    private synchronized WatchedRun watched(String name) {
        return watched.computeIfAbsent(name, n -> new WatchedRun(folder.path().resolve(n), status, between));
    }

    /** Drops curves until all together take at most {@link #MOST_BYTES}. Keeps the curves of {@code name}, which were just read. */
    void forgetOthers(String name) {
        List<Map.Entry<String, WatchedRun>> oldestFirst;
        synchronized (this) {
            oldestFirst = new ArrayList<>(watched.entrySet());
        }
        long bytes = oldestFirst.stream().mapToLong(entry -> entry.getValue().metrics().bytes()).sum();
        for (Map.Entry<String, WatchedRun> entry : oldestFirst) {
            if (bytes > MOST_BYTES && !entry.getKey().equals(name)) {
                bytes -= entry.getValue().metrics().bytes();
                entry.getValue().metrics().forgetCurves();
            }
        }
    }
}
