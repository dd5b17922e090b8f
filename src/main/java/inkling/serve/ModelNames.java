package inkling.serve;

import java.nio.file.Path;

/** The names of models in requests: at most 64 letters, digits, dots, underscores and hyphens, which are safe in addresses and logs. */
public final class ModelNames {
    private static final int LONGEST = 64;

    private ModelNames() {}

    /** Gives {@code dickens} for {@code checkpoints/dickens}, and {@code dickens-best} for {@code checkpoints/dickens/best}. */
    public static String of(String model) {
        Path path = Path.of(model).toAbsolutePath().normalize();
        String name = path.getFileName() == null ? "model" : path.getFileName().toString();
        boolean within = name.matches("last|best|step-\\d+") && path.getParent().getFileName() != null;
        String whole = (within ? path.getParent().getFileName() + "-" + name : name).replaceAll("[^A-Za-z0-9._-]", "-");
        return whole.length() <= LONGEST ? whole : whole.substring(0, LONGEST);
    }
}
