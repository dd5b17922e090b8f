package inkling.crash;

import inkling.checkpoint.CheckpointStore;
import inkling.io.DurableFiles;
import inkling.io.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Sends SIGKILL at random instants, to one run after the other. Two of three kills wait until a number of saves, one to eight, have begun
 * (a new temporary directory shows a save), and strike up to 25 milliseconds later. The other kills strike up to four seconds after the
 * start of the process. The files that a kill left behind show where it hit; the killed process reports nothing.
 */
final class Kills {
    /** Where a kill hit. */
    enum Place {
        ELSEWHERE("between saves, or before the first"),
        WRITING("inside a save: a checkpoint or pointer half written"),
        BETWEEN_RENAMES("inside a save: checkpoint renamed, last not yet moved"),
        DELETING("inside the deletion of an old checkpoint");

        final String words;

        Place(String words) {
            this.words = words;
        }

        boolean insideSave() {
            return this == WRITING || this == BETWEEN_RENAMES;
        }
    }

    private static final int LONGEST_START_MILLIS = 4000;
    private static final int LONGEST_SAVE_MICROS = 25_000;

    private final Trial trial;
    private final Random random;
    private final Map<Place, Integer> hits = new EnumMap<>(Place.class);
    private int ends;
    private int lost;

    Kills(Trial trial, long seed) {
        this.trial = trial;
        this.random = new Random(seed);
    }

    /**
     * Strikes until {@code kills} of its signals have hit a living process. When a run ends, it is checked and another begins. Finally
     * the last run is finished.
     */
    Kills strike(int kills) throws Exception {
        for (int done = 0; done < kills; ) {
            long before = Files.exists(trial.run().resolve("last")) ? trial.last() : -1;
            if (killedOnce()) {
                done++;
                if (done % 10 == 0) {
                    System.out.println(trial.directory().getFileName() + ": " + done + " kills");
                }
                hits.merge(place(), 1, Integer::sum);
                report(trial.damage(before));
            } else {
                endOfRun();
            }
        }
        Trial.Ended ended = trial.finish(trial.train(List.of()));
        if (ended.exit() != 0) {
            report(Optional.of("the last resume failed: " + ended.output()));
        } else {
            endOfRun();
        }
        return this;
    }

    private void endOfRun() throws IOException {
        ends++;
        report(trial.difference());
        trial.clear();
    }

    private void report(Optional<String> damage) {
        damage.ifPresent(what -> {
            lost++;
            System.out.println("LOST: " + what);
        });
    }

    /** Starts the training and kills it; false if it ended by itself before. */
    private boolean killedOnce() throws Exception {
        Files.createDirectories(trial.run());
        Path output = trial.directory().resolve("output.txt");
        try (WatchService watch = trial.run().getFileSystem().newWatchService()) {
            trial.run().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Process process = trial.train(List.of()).redirectOutput(output.toFile()).start();
            if (random.nextInt(3) > 0) {
                awaitSave(watch, process, 1 + random.nextInt(8));
                TimeUnit.MICROSECONDS.sleep(random.nextInt(LONGEST_SAVE_MICROS));
            } else {
                process.waitFor(random.nextInt(LONGEST_START_MILLIS), TimeUnit.MILLISECONDS);
            }
            boolean alive = process.isAlive();
            process.destroyForcibly();
            int exit = process.waitFor();
            if (!alive && exit != 0) {
                report(Optional.of("exit " + exit + ": " + Files.readString(output)));
            }
            return exit == 137 && alive;
        }
    }

    /** Returns when {@code wanted} checkpoints have begun to be written, or the process ended. */
    private void awaitSave(WatchService watch, Process process, int wanted) throws InterruptedException {
        int seen = 0;
        while (seen < wanted && process.isAlive()) {
            WatchKey key = watch.poll(100, TimeUnit.MILLISECONDS);
            if (key != null) {
                for (WatchEvent<?> event : key.pollEvents()) {
                    seen += event.context() instanceof Path name && isHalfWritten(trial.run().resolve(name)) ? 1 : 0;
                }
                key.reset();
            }
        }
    }

    /** A save writes the manifest last. A checkpoint whose deletion has just begun still has it. */
    private static boolean isHalfWritten(Path path) {
        return DurableFiles.isTemporary(path) && Files.isDirectory(path) && !Files.exists(path.resolve(Manifest.FILE_NAME));
    }

    /** Where the kill hit; in doubt {@link Place#ELSEWHERE}, since config.yaml, run.json and metrics.csv get temporary names, too. */
    private Place place() throws IOException {
        Path run = trial.run();
        long last = trial.last();
        List<Path> steps = new CheckpointStore(run, DurableFiles.SYSTEM).steps();
        if (!steps.isEmpty() && CheckpointStore.stepOf(steps.get(0)) > last) {
            return Place.BETWEEN_RENAMES;
        }
        try (Stream<Path> entries = Files.list(run)) {
            for (Path left : entries.filter(DurableFiles::isTemporary).toList()) {
                if (Files.isDirectory(left)) {
                    return deleted(left, last) ? Place.DELETING : Place.WRITING;
                }
                if (Files.readString(left).startsWith("step-")) {
                    return Place.WRITING;
                }
            }
        }
        return Place.ELSEWHERE;
    }

    /**
     * Whether the checkpoint {@code left} was being deleted. config.json is the first file that is written and the first that is deleted;
     * progress.json, with the step, comes late in both orders. A checkpoint that is being written is of a later step than {@code last}.
     */
    private static boolean deleted(Path left, long last) throws IOException {
        Path progress = left.resolve("progress.json");
        boolean begins = Files.exists(left.resolve("config.json"));   // the first that is written and the first that is deleted
        if (!Files.exists(progress)) {
            return !begins;
        }
        String step = Files.readString(progress).replaceAll("(?s).*\"step\" ?: (\\d+).*", "$1");
        return !begins || step.matches("\\d+") && Long.parseLong(step) <= last;
    }

    Map<Place, Integer> hits() {
        return hits;
    }

    int ends() {
        return ends;
    }

    int lost() {
        return lost;
    }
}
