package inkling.io;

import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One writer at a time for a directory: {@code try (DirectoryLock lock = DirectoryLock.acquire(run)) { … }}.
 *
 * <p>The operating system locks the file {@code lock}, so the lock becomes free however its holder ends. While the lock is held, the file
 * contains the holder's process id. The file is deleted only together with its directory: otherwise two processes could lock two files of
 * the same name. Nothing else in this process may open the file: POSIX drops a process's locks when the process closes <em>any</em>
 * descriptor of the file.
 */
public final class DirectoryLock implements AutoCloseable {
    public static final String FILE_NAME = "lock";

    /** The place of the only locked byte. It lies far beyond the content, because on Windows locked bytes cannot be read. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;
    private static final int MAX_PID_BYTES = 20;

    /** A writer tries several times, because a process that calls {@link #isHeld} takes the lock for some microseconds. */
    private static final int TRIES = 4;
    private static final int MILLIS_BETWEEN_TRIES = 15;
    private static final int MILLIS_BETWEEN_QUESTIONS = 2;   // longer than isHeld keeps the lock
    private static final String UNKNOWN = "unknown";
    private static final Set<Path> HELD_HERE = new HashSet<>();

    private final Path key;   // the directory's real path, as in HELD_HERE
    private final FileChannel channel;

    private DirectoryLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /**
     * Takes the lock, or fails within some 50 milliseconds.
     *
     * @throws StorageException if another writer holds the lock, or the directory is missing or cannot be written. The message has the
     *     writer's process id if the file names it
     */
    public static DirectoryLock acquire(Path directory) {
        Path file = directory.resolve(FILE_NAME);
        synchronized (HELD_HERE) {
            try {
                Path key = directory.toRealPath();
                if (HELD_HERE.contains(key)) {   // asked before the file is opened: see the class comment
                    throw held(directory, Long.toString(ProcessHandle.current().pid()));
                }
                DirectoryLock lock = new DirectoryLock(key, open(directory, file));
                HELD_HERE.add(key);
                return lock;
            } catch (IOException e) {
                throw FileFaults.cannot("lock", file, e);
            }
        }
    }

    /** Whether some process, this one included, holds the lock now; false if this process may not write the file. */
    public static boolean isHeld(Path directory) {
        synchronized (HELD_HERE) {
            try {
                if (HELD_HERE.contains(directory.toRealPath())) {
                    return true;
                }
                try (FileChannel channel = FileChannel.open(directory.resolve(FILE_NAME), StandardOpenOption.WRITE);
                        FileLock lock = tryLock(channel)) {
                    return lock == null;
                }
            } catch (IOException e) {
                return false;   // no such directory or file, or no permission to write: no process with our rights writes there
            }
        }
    }

    /**
     * The id of the process (possibly this one) that holds the lock now; empty if {@link #isHeld} says that none does.
     *
     * @return the id, or −1 if some process holds the lock, but the file does not name it
     */
    public static OptionalLong holder(Path directory) {
        synchronized (HELD_HERE) {
            try {
                if (HELD_HERE.contains(directory.toRealPath())) {
                    return OptionalLong.of(ProcessHandle.current().pid());
                }
                String pid;
                try (FileChannel channel = FileChannel.open(directory.resolve(FILE_NAME), StandardOpenOption.READ)) {
                    pid = pidIn(channel);
                }
                if (!isHeld(directory)) {
                    return OptionalLong.empty();
                }
                Thread.sleep(MILLIS_BETWEEN_QUESTIONS);
                if (!isHeld(directory)) {   // at the first question, only another process's isHeld had the lock
                    return OptionalLong.empty();
                }
                return OptionalLong.of(pid.equals(UNKNOWN) ? -1 : Long.parseLong(pid));
            } catch (IOException e) {
                return OptionalLong.empty();   // as for isHeld
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while asking for the lock of " + directory, e);
            }
        }
    }

    @Override
    public void close() {
        synchronized (HELD_HERE) {
            if (!HELD_HERE.remove(key)) {
                return;
            }
            try (channel) {
                channel.truncate(0);
            } catch (IOException e) {
                throw FileFaults.cannot("release", key.resolve(FILE_NAME), e);
            }
        }
    }

    private static FileChannel open(Path directory, Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            for (int tries = 1; tryLock(channel) == null; tries++) {
                if (tries == TRIES) {
                    throw held(directory, pidIn(channel));
                }
                Thread.sleep(MILLIS_BETWEEN_TRIES);
            }
            channel.truncate(0);
            channel.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"), 0);
            return channel;
        } catch (InterruptedException e) {
            channel.close();
            throw new IllegalStateException("interrupted while waiting for the lock of " + directory, e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The lock; null if another process holds it, as with {@link FileChannel#tryLock}. */
    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(LOCKED_BYTE, 1, false);
        } catch (OverlappingFileLockException e) {   // this JVM holds it, through another class loader
            return null;
        }
    }

    private static String pidIn(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(MAX_PID_BYTES);
        channel.read(content, 0);
        String pid = StandardCharsets.US_ASCII.decode(content.flip()).toString().strip();
        return pid.matches("\\d{1,18}") ? pid : UNKNOWN;
    }

    private static StorageException held(Path directory, String pid) {
        return new StorageException("%s is in use: process %s writes there. Wait until it ends, or stop it (kill %s)."
                .formatted(directory, pid, pid.equals(UNKNOWN) ? "PID" : pid));
    }
}
