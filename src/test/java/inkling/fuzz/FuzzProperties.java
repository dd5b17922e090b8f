package inkling.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** The short form of bench/fuzz: a spoiled file is read or refused with a declared exception, never anything else. */
@Tag("thorough")
class FuzzProperties {
    private static final Map<Format, List<byte[]>> SEEDS = new EnumMap<>(Format.class);
    private static final Map<Format, Path> DIRECTORIES = new EnumMap<>(Format.class);

    static {
        try {
            for (Format format : Format.values()) {
                Path directory = FuzzHarness.scratch(format.name());
                format.prepare(directory);
                SEEDS.put(format, format.seeds());
                DIRECTORIES.put(format, directory);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Property(tries = 4_000, shrinking = ShrinkingMode.OFF)
    void aSpoiledFileIsReadOrRefusedInWords(@ForAll Format format, @ForAll long number) throws IOException {
        format.attempt(DIRECTORIES.get(format), SEEDS.get(format), number);
    }

    @AfterContainer
    static void clean() throws IOException {
        for (Path directory : DIRECTORIES.values()) {
            FuzzHarness.delete(directory);
        }
    }

    @Property(tries = 100)
    void aGoodFileIsAccepted(@ForAll Format format) throws IOException {
        for (byte[] seed : SEEDS.get(format)) {
            Files.write(DIRECTORIES.get(format).resolve(format.file), seed);
            format.read(DIRECTORIES.get(format));
        }
    }
}
