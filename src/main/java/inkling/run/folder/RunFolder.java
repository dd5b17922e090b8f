package inkling.run.folder;

import inkling.errors.ConfigException;
import inkling.errors.DidYouMean;
import inkling.errors.FileFaults;
import inkling.errors.InklingException;
import inkling.errors.StorageException;
import inkling.io.DirectoryLock;
import inkling.io.DurableFiles;
import inkling.run.ModelLocation;
import inkling.run.TrainRun;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A folder of runs, by default {@code checkpoints}.
 *
 * @param path the folder; if it does not exist, there are no runs
 */
public record RunFolder(Path path) {
    /**
     * What the folder holds.
     *
     * @param runs sorted by name
     * @param unreadable a message for each run that cannot be read
     */
    public record Listing(List<RunSummary> runs, List<String> unreadable) {}

    /** Lists the directories with a config.yaml; a damaged run does not hide the others. */
    public Listing list() {
        List<RunSummary> runs = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (String name : ModelLocation.names(path)) {
            try {
                runs.add(RunSummary.of(path.resolve(name)));
            } catch (InklingException e) {
                unreadable.add(name + ": " + e.getMessage());
            }
        }
        return new Listing(runs, unreadable);
    }

    /**
     * Reads one run.
     *
     * @param name a run directory, or a run's name in this folder
     * @throws ConfigException if {@code name} is not a run directory
     */
    public RunSummary run(String name) {
        return RunSummary.of(directory(name));
    }

    private Path directory(String name) {
        Path run = ModelLocation.existing(name, path);
        if (!Files.isRegularFile(run.resolve(TrainRun.CONFIG_FILE))) {
            throw new ConfigException("%s is no run directory: there is no %s.".formatted(run, TrainRun.CONFIG_FILE));
        }
        return run;
    }

    /**
     * The directories of runs that may be removed.
     *
     * @param names of runs in this folder, or their paths
     * @throws ConfigException if a name is not that of a run in this folder, or is that of a link to a run
     * @throws StorageException if one of the runs is being trained
     */
    public List<Path> removable(List<String> names) {
        return names.stream().map(this::removable).distinct().toList();
    }

    private Path removable(String name) {
        Path given = Path.of(name);
        Path run = given.getNameCount() == 1 ? path.resolve(given) : given;
        Path absolute = run.toAbsolutePath().normalize();
        boolean here = path.toAbsolutePath().normalize().equals(absolute.getParent());
        if (!here || !ModelLocation.names(path).contains(absolute.getFileName().toString())) {
            throw new ConfigException("%s is no run in %s. Nothing was removed.%s".formatted(name, path,
                DidYouMean.hint(name, ModelLocation.names(path))));
        }
        if (Files.isSymbolicLink(absolute)) {
            throw new ConfigException("%s is a link to a run elsewhere: remove it by hand. Nothing was removed.".formatted(run));
        }
        if (DirectoryLock.isHeld(absolute)) {
            throw new StorageException("%s is being trained: stop that first. Nothing was removed.".formatted(run));
        }
        return path.resolve(absolute.getFileName());
    }

    /**
     * Deletes a run that {@link #removable} gave. Links in its directory are deleted, not the files that they lead to.
     *
     * @throws StorageException if the run is being trained now
     */
    public void remove(Path run) {
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            DurableFiles.SYSTEM.deleteDirectory(run);
        }
    }

    /** Adds up the bytes of all files below a run directory. */
    public static long bytes(Path directory) {
        AtomicLong sum = new AtomicLong();
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum.addAndGet(attributes.isRegularFile() ? attributes.size() : 0);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;   // the file is gone: a run that is being trained deletes old checkpoints
                }

                @Override
                public FileVisitResult postVisitDirectory(Path left, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
            return sum.get();
        } catch (IOException e) {
            throw FileFaults.cannot("read", directory, e);
        }
    }
}
