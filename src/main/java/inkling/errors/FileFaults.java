package inkling.errors;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** Turns the operating system's errors about a file into messages for the user. For most common errors, the message says what to do. */
public final class FileFaults {
    private FileFaults() {}

    /**
     * Why {@code file} cannot be read as a file ("is a directory"), or empty if it is a regular file. Call this before a file is opened:
     * opening a FIFO waits for a writer, and a device has no end.
     *
     * @throws StorageException if the file's attributes cannot be read although the file may be there, e.g. for lack of permission
     */
    public static Optional<String> notRegular(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.isRegularFile()) {
                return Optional.empty();
            }
            return Optional.of(attributes.isDirectory() ? "is a directory, expected a file"
                    : "is a FIFO, socket or device, expected a regular file; copy its content into a file first");
        } catch (NoSuchFileException e) {
            return Optional.of(Files.isSymbolicLink(file) ? "is a symbolic link to a file that does not exist" : "does not exist");
        } catch (IOException e) {
            if (messageOf(e).contains("symbolic links")) {
                return Optional.of("is a symbolic link that leads back to itself");
            }
            if (messageOf(e).contains("Not a directory")) {
                return Optional.of("does not exist: a part of the path is a file, not a directory");
            }
            throw cannot("read", file, e);
        }
    }

    /** "cannot write FILE: REASON." and, for most common errors, what to do; {@code fault} is the exception's cause. */
    public static StorageException cannot(String action, Path file, IOException fault) {
        return new StorageException("cannot %s %s: %s".formatted(action, file, explain(file, fault)), fault);
    }

    /**
     * The reason of a fault, for a message that names the file already: "permission denied", "No space left on device". A fault that
     * states none is described by its class; most classes, such as {@link java.nio.channels.ClosedChannelException}, give only their name.
     */
    public static String messageOf(Throwable fault) {
        String reason = fault instanceof FileSystemException detailed ? detailed.getReason() : fault.getMessage();
        return reason == null ? kind(fault) : reason;
    }

    /** What a fault's class says. Java gives the most common faults of files no other reason. */
    private static String kind(Throwable fault) {
        return fault instanceof AccessDeniedException ? "permission denied"
            : fault instanceof NoSuchFileException ? "does not exist"
            : fault instanceof FileAlreadyExistsException ? "exists already"
            : fault instanceof DirectoryNotEmptyException ? "is not empty"
            : fault.getClass().getSimpleName();
    }

    private static String explain(Path file, IOException fault) {
        String reason = messageOf(fault);
        if (fault instanceof AccessDeniedException || reason.contains("Permission denied")) {
            return "permission denied. Change the owner or mode of the file or its directory, or choose another place.";
        }
        if (fault instanceof NoSuchFileException missing) {
            Path parent = file.toAbsolutePath().getParent();
            return parent == null || Files.exists(parent) ? "%s does not exist.".formatted(missing.getFile())
                    : "the directory %s does not exist. Create it first.".formatted(parent);
        }
        if (fault instanceof FileAlreadyExistsException existing) {
            return "%s already exists.".formatted(existing.getFile());
        }
        if (reason.contains("No space left")) {
            return "the disk is full. Free some space, or write to another disk.";
        }
        if (reason.contains("quota")) {
            return "the disk quota is used up. Free some space, or write to another disk.";
        }
        if (reason.contains("Read-only")) {
            return "the file system is read-only. Choose a directory that can be written.";
        }
        return reason + ".";
    }
}
