package inkling.io;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("process")
class DirectoryLockTest {
    @TempDir Path dir;

    /** Takes the lock, says so, and holds it until the process is killed or its input ends. If the lock is held already, prints by whom. */
    public static final class Holder {
        public static void main(String[] args) throws IOException {
            try (DirectoryLock lock = DirectoryLock.acquire(Path.of(args[0]))) {
                System.out.println("held");
                System.in.read();
            } catch (StorageException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test void aSecondProcessIsToldWhoHoldsTheLockAndKillingTheHolderFreesIt() throws Exception {
        Process holder = start();
        try {
            assertEquals("held", firstLine(holder));
            StorageException e = assertThrows(StorageException.class, () -> DirectoryLock.acquire(dir));
            says(e.getMessage(), dir, "in use", "process " + holder.pid(), "Wait", "kill " + holder.pid());
            assertTrue(DirectoryLock.isHeld(dir));
        } finally {
            holder.destroyForcibly();
            assertTrue(holder.waitFor(30, TimeUnit.SECONDS));
        }
        assertFalse(DirectoryLock.isHeld(dir));
        DirectoryLock.acquire(dir).close();
    }

    @Test void aSecondHolderInThisProcessFailsAndDoesNotFreeTheLockForOthers() throws Exception {
        try (DirectoryLock lock = DirectoryLock.acquire(dir)) {
            String pid = Long.toString(ProcessHandle.current().pid());
            assertTrue(assertThrows(StorageException.class, () -> DirectoryLock.acquire(dir)).getMessage().contains("process " + pid));
            assertTrue(DirectoryLock.isHeld(dir));
            Process other = start();
            assertTrue(firstLine(other).contains("is in use: process " + pid));
            assertTrue(other.waitFor(30, TimeUnit.SECONDS));
        }
        assertFalse(DirectoryLock.isHeld(dir));
        DirectoryLock again = DirectoryLock.acquire(dir);
        again.close();
        again.close();
    }

    @Test void aDirectoryThatIsNotThereCannotBeLocked() {
        Path missing = dir.resolve("missing");
        String message = assertThrows(StorageException.class, () -> DirectoryLock.acquire(missing)).getMessage();
        assertTrue(message.startsWith("cannot lock " + missing.resolve("lock")), message);
        assertFalse(DirectoryLock.isHeld(missing));
    }

    private Process start() throws IOException {
        return Jvm.of(Holder.class, dir.toString()).redirectErrorStream(true).start();
    }

    private static String firstLine(Process process) throws IOException {
        return process.inputReader().readLine();
    }
}
