package inkling.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The long form of {@link FuzzProperties}. It does what {@code bench/fuzz/run} does without options. */
@Tag("long")
class FuzzLongTest {
    @Test void aMillionSpoiledSafetensorsFilesAndAHundredThousandOfEachOtherFormatAreReadOrRefusedInWords() throws Exception {
        assertTrue(FuzzHarness.withstands(1_000_000, 100_000, 1, Format.values()), "the table above shows the faults");
    }
}
