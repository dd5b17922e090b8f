package inkling.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real kills of a real training: four in every build, and with the profile {@code long} the 500, and every disaster, of
 * {@code bench/crash/run --kills 500 --workers 2}.
 */
@DisabledOnOs(OS.WINDOWS)
@Tag("process")
class CrashTest {
    @TempDir Path directory;

    @Test void aTrainingThatIsKilledAgainAndAgainEndsWithTheBitsOfOneThatWasNot() throws Exception {
        Path reference = directory.resolve("undisturbed");
        Trial.undisturbed(reference);
        Kills kills = new Kills(Trial.in(directory.resolve("killed"), reference), 11).strike(4);
        assertEquals(4, kills.hits().values().stream().mapToInt(Integer::intValue).sum());
        assertEquals(0, kills.lost());
        assertTrue(kills.ends() >= 1);
    }

    @Test @Tag("long") void fiveHundredKillsAndEveryDisasterLoseNothing() throws Exception {
        assertTrue(CrashHarness.survives(500, 2, 1, true), "the table above says what was lost");
    }
}
