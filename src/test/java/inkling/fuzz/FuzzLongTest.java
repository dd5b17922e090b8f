package inkling.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The long form of {@link FuzzProperties}, that of {@code bench/fuzz/run}: each format in a JVM of its own with a small heap. */
@Tag("long")
class FuzzLongTest {
    @Test void aMillionSpoiledWeightFilesAndAHundredThousandOfEachOtherFormatAreReadOrRefusedInWords() throws Exception {
        assertTrue(FuzzHarness.withstands(1_000_000, 100_000, 1, Format.values()), "the table above shows the faults");
    }
}
