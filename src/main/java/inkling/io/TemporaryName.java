package inkling.io;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of files and directories that are being written or deleted: {@code .tmp-PID-TOKEN-N}. Each JVM has its own token, because the
 * process in a restarted container often has the same process id as the one before it.
 */
final class TemporaryName {
    private static final Pattern PATTERN = Pattern.compile("\\.tmp-(\\d{1,18})-([0-9a-f]{16})-\\d{1,18}");
    private static final String TOKEN = "%016x".formatted(ThreadLocalRandom.current().nextLong());
    private static final AtomicLong COUNTER = new AtomicLong();

    private TemporaryName() {}

    static Path beside(Path target) {
        String name = ".tmp-%d-%s-%d".formatted(ProcessHandle.current().pid(), TOKEN, COUNTER.incrementAndGet());
        return target.toAbsolutePath().resolveSibling(name);
    }

    static boolean matches(Path path) {
        return path.getFileName() != null && PATTERN.matcher(path.getFileName().toString()).matches();
    }

    /**
     * Whether another JVM made the temporary name {@code path} and has ended, as far as this machine tells: no process here has that JVM's
     * process id, or none but this one.
     */
    static boolean isLeftOver(Path path) {
        Matcher name = PATTERN.matcher(path.getFileName().toString());
        if (!name.matches() || name.group(2).equals(TOKEN)) {
            return false;
        }
        long pid = Long.parseLong(name.group(1));
        return pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
    }
}
