package inkling.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The short form of bench/crash: a few real kills of a real training. */
@DisabledOnOs(OS.WINDOWS)
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
}
