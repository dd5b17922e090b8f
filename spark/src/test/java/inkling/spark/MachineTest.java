package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Processors that may compute different last bits get different names. The names follow from the text of {@code /proc/cpuinfo}. */
final class MachineTest {
    private static List<String> arm(String features, String part) {
        return """
            processor\t: 0
            BogoMIPS\t: 243.75
            Features\t: %s
            CPU implementer\t: 0x41
            CPU architecture: 8
            CPU variant\t: 0x3
            CPU part\t: %s
            CPU revision\t: 1
            """.formatted(features, part).lines().toList();
    }

    private static List<String> x86(String flags) {
        return "processor\t: 0\nmodel name\t: Processor, 3 GHz\nflags\t\t: %s\n".formatted(flags).lines().toList();
    }

    @Test void coresOfArmAreToldApartByTheirNumbersAndByTheirFeatures() {
        String one = Machine.cpu(arm("fp asimd", "0xd0c"));
        assertTrue(one.startsWith(System.getProperty("os.arch") + " 0x41 0xd0c 0x3 "), one);
        assertNotEquals(one, Machine.cpu(arm("fp asimd", "0xd40")), "another core with the same features");
        assertNotEquals(one, Machine.cpu(arm("fp asimd sve", "0xd0c")), "the same core with other features");
    }

    @Test void processorsOfOneModelAreToldApartByTheirFlags() {
        String one = Machine.cpu(x86("sse2 avx2"));
        assertTrue(one.startsWith("Processor  3 GHz "), one);
        assertFalse(one.contains(","), "it is one column of workers.csv");
        assertNotEquals(one, Machine.cpu(x86("sse2 avx2 avx512f")));
        assertEquals(one, Machine.cpu(x86("sse2 avx2")));
    }
}
