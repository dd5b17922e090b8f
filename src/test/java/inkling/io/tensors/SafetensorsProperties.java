package inkling.io.tensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

@Tag("thorough")
class SafetensorsProperties {
    private static final List<byte[]> SEEDS = SafetensorsMutations.seeds();
    private static Path file;

    @BeforeContainer static void createFile() throws IOException {
        file = Files.createTempFile("mutated", ".safetensors");
    }

    @AfterContainer static void deleteFile() throws IOException {
        Files.delete(file);
    }

    @Property(tries = 3_000, shrinking = ShrinkingMode.OFF)
    void aSpoiledFileIsReadOrRefusedWithTheDeclaredException(@ForAll long seed) {
        Random random = new Random(seed);
        SafetensorsMutations.overwrite(file, SafetensorsMutations.mutate(SEEDS.get(random.nextInt(SEEDS.size())), random));
        SafetensorsMutations.read(file);
    }

    @Property(tries = 1)
    void aFileWithAFlippedHeaderBitIsReadOrRefusedAndWithAFlippedLengthBitAlwaysRefused() {
        for (byte[] seed : SEEDS) {
            SafetensorsMutations.overwrite(file, seed);
            assertTrue(SafetensorsMutations.read(file));
            int headerEnd = 8 + (int) ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).getLong();
            for (int bit = 0; bit < headerEnd * 8; bit++) {
                byte[] flipped = seed.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                SafetensorsMutations.overwrite(file, flipped);
                boolean accepted = SafetensorsMutations.read(file);
                assertEquals(false, accepted && bit < 64, "bit " + bit);
            }
        }
    }
}
