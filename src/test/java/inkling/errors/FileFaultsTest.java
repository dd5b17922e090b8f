package inkling.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The error texts of Linux as java.nio passes them on. Tests that run as root cannot provoke most of them. */
class FileFaultsTest {
    @TempDir Path dir;

    @Test void mostReasonsComeWithAWayOut() {
        Path file = dir.resolve("f");
        assertExplained("permission denied. Change the owner or mode of the file or its directory, or choose another place.",
                new AccessDeniedException(file.toString()));
        assertExplained("the disk is full. Free some space, or write to another disk.", new IOException("No space left on device"));
        assertExplained("the disk quota is used up. Free some space, or write to another disk.", new IOException("Disk quota exceeded"));
        assertExplained("the file system is read-only. Choose a directory that can be written.",
                new FileSystemException(file.toString(), null, "Read-only file system"));
        assertExplained("File name too long.", new FileSystemException(file.toString(), null, "File name too long"));
        assertExplained("IOException.", new IOException());
    }

    @Test void aFaultWithoutAMessageIsNamedByItsClass() {
        assertEquals("ClosedChannelException", FileFaults.messageOf(new ClosedChannelException()));
        assertEquals("Is a directory", FileFaults.messageOf(new IOException("Is a directory")));
    }

    /** Java's message of such a fault begins with the path and mostly ends there. A message to the user names the file already. */
    @Test void aFaultOfAFileIsToldByItsReason() {
        String file = dir.resolve("f").toString();
        assertEquals("permission denied", FileFaults.messageOf(new AccessDeniedException(file)));
        assertEquals("does not exist", FileFaults.messageOf(new NoSuchFileException(file)));
        assertEquals("exists already", FileFaults.messageOf(new FileAlreadyExistsException(file)));
        assertEquals("is not empty", FileFaults.messageOf(new DirectoryNotEmptyException(file)));
        assertEquals("Read-only file system", FileFaults.messageOf(new FileSystemException(file, null, "Read-only file system")));
        assertExplained("is not empty.", new DirectoryNotEmptyException(file));
    }

    private void assertExplained(String expected, IOException fault) {
        StorageException told = FileFaults.cannot("write", dir.resolve("f"), fault);
        assertEquals("cannot write " + dir.resolve("f") + ": " + expected, told.getMessage());
        assertEquals(3, told.exitCode().code());
        assertSame(fault, told.getCause());
    }
}
