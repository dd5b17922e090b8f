package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.errors.ExitCode;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FaultsTest {
    @Test void aFaultWithoutAMessageIsToldByItsKind() {
        assertEquals("reading or writing failed: ClosedChannelException. --debug prints where.",
            Faults.message(new ClosedChannelException(), ExitCode.CANNOT_READ_OR_WRITE));
        assertEquals("Input/output error", Faults.message(new IOException("Input/output error"), ExitCode.CANNOT_READ_OR_WRITE));
    }
}
