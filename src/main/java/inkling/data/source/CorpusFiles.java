package inkling.data.source;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.Printable;
import inkling.io.Sha256;
import inkling.io.text.TextBytes;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The files to which paths from the user lead. Each path is a file, a folder or a glob.
 *
 * @param files the text files; for {@link Reading#VERSION_0_1} any files
 * @param remarks for the user: which files were left out because they are not text
 */
public record CorpusFiles(List<Path> files, List<String> remarks) {
    private static final int MOST_NAMED = 5;
    private static final Pattern GLOB = Pattern.compile("[*?\\[{]");
    private static final Comparator<Path> BY_NAME = Comparator.comparing(path -> path.toString().replace('\\', '/'));

    public CorpusFiles {
        files = List.copyOf(files);
        remarks = List.copyOf(remarks);
    }

    /**
     * Finds the files of all {@code paths}, in the order of the paths. The files of a folder or glob are sorted by name. Some are left out:
     * hidden files, files in hidden subfolders, and, with a remark, files that are not text. Version 0.1 read files that are not text, too.
     *
     * @throws ConfigException if a path leads to no file, or to something other than a regular file. Also if a path names a file that is
     *     not text, or if a folder or glob has no text
     */
    public static CorpusFiles find(List<String> paths, Reading reading) {
        List<Path> files = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        for (String path : paths) {
            List<Path> found = find(path, reading);
            if (isOneFile(path) || reading == Reading.VERSION_0_1) {
                found.forEach(file -> requireReadable(file, reading));
                files.addAll(found);
            } else {
                files.addAll(texts(path, found, remarks));
            }
        }
        if (files.isEmpty()) {
            throw new ConfigException("no text is named: give a file, a folder or a glob.");
        }
        return new CorpusFiles(files, remarks);
    }

    /** The text files among {@code found}. A remark names the others. */
    private static List<Path> texts(String path, List<Path> found, List<String> remarks) {
        List<Path> texts = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (Path file : found) {
            TextBytes.noText(file).ifPresentOrElse(what -> others.add("%s (%s)".formatted(file, what)), () -> texts.add(file));
        }
        if (others.isEmpty()) {
            return texts;
        }
        String named = "%s%s".formatted(String.join(", ", others.subList(0, Math.min(MOST_NAMED, others.size()))),
            others.size() > MOST_NAMED ? " and %d more".formatted(others.size() - MOST_NAMED) : "");
        if (texts.isEmpty()) {
            throw new ConfigException("%s holds no text, only %s.".formatted(path, named));
        }
        remarks.add("%s: skipped as no text: %s".formatted(path, named));
        return texts;
    }

    /** The SHA-256 of a single file; for several, the SHA-256 of their hexadecimal hashes, one per line. */
    public String sha256() {
        List<String> each = files.stream().map(Sha256::of).toList();
        return each.size() == 1 ? each.get(0) : Sha256.of(String.join("\n", each) + "\n");
    }

    /** {@code a.txt}, or {@code a.txt and 2 more files}. */
    public String name() {
        int more = files.size() - 1;
        return more == 0 ? files.get(0).toString() : files.get(0) + " and " + Printable.counted(more, "more file");
    }

    /** Whether {@code path} is a pattern of names, e.g. {@code notes/*.txt}, and no file or folder has it as its name. */
    public static boolean isGlob(String path) {
        return GLOB.matcher(path).find() && !exists(path);
    }

    private static boolean isOneFile(String path) {
        return !isGlob(path) && !Files.isDirectory(parse(path));
    }

    private static List<Path> find(String path, Reading reading) {
        if (isGlob(path)) {
            return matching(path, reading);
        }
        Path named = parse(path);
        if (!Files.isDirectory(named)) {
            return List.of(named);
        }
        List<Path> files = walk(named, file -> true);
        if (files.isEmpty()) {
            throw new ConfigException("%s is a folder without any file (hidden ones do not count).".formatted(path));
        }
        return files;
    }

    private static List<Path> matching(String glob, Reading reading) {
        int meta = GLOB.matcher(glob).results().findFirst().orElseThrow().start();
        int folderEnd = glob.lastIndexOf('/', meta);
        Path folder = parse(folderEnd < 0 ? "" : glob.substring(0, folderEnd + 1));
        PathMatcher matcher;
        try {
            matcher = FileSystems.getDefault().getPathMatcher("glob:" + (reading == Reading.VERSION_0_1 ? glob : withZeroFolders(glob)));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("%s is no glob: %s.".formatted(glob, e.getMessage()), e);
        }
        List<Path> files = Files.isDirectory(folder) ? walk(folder, matcher::matches) : List.of();
        if (files.isEmpty()) {
            throw new ConfigException("%s matches no file.".formatted(glob));
        }
        return files;
    }

    /**
     * Rewrites a glob so that {@code **}{@code /} matches zero or more folders, as in shells and git. In Java's globs it matches one or
     * more. Inside {@code {…}} nothing changes, because Java's globs have no groups inside groups.
     */
    private static String withZeroFolders(String glob) {
        StringBuilder all = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            boolean folders = depth == 0 && glob.startsWith("**/", i) && (i == 0 || glob.charAt(i - 1) == '/');
            all.append(folders ? "{**/,}" : c);
            i += folders ? 2 : 0;
        }
        return all.toString();
    }

    private static List<Path> walk(Path folder, Predicate<Path> wanted) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return !directory.equals(folder) && hidden(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (!hidden(file) && wanted.test(file)) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (FileSystemLoopException e) {
            throw new ConfigException("%s is a link to a folder that contains it: its files would never end.".formatted(e.getFile()), e);
        } catch (IOException e) {
            throw FileFaults.cannot("read", folder, e);
        }
        files.sort(BY_NAME);
        return files;
    }

    private static boolean hidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    /** Tries to open the file, because a failure to open it tells best why the file cannot be read. */
    private static void requireReadable(Path file, Reading reading) {
        if (!Files.exists(file)) {
            Dataset.missing(file).ifPresent(message -> {
                throw new ConfigException(message);
            });
        }
        try {
            reading.open(file).close();
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    private static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException e) {   // Windows has no paths with * or ?
            return false;
        }
    }

    private static Path parse(String path) {
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new ConfigException("%s is no path: %s.".formatted(path, e.getReason()), e);
        }
    }
}
