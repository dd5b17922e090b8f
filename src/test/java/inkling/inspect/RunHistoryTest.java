package inkling.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.inspect.RunHistory.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunHistoryTest {
    private static final String HEADER = "step,tokens,train_loss,val_loss,learning_rate,grad_norm,tokens_per_second,step_millis\r\n";

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("metrics.csv"), text);
    }

    @Test void readsWhatWasMeasuredAndWhere() throws IOException {
        RunHistory history = RunHistory.read(file(HEADER + "0,0,,6.93,,,,\r\n"
            + "10,20480,6.5,,1.0E-4,2.25,9000,227.5\r\n20,40960,6.25,6.5,0.001,1.5,,\r\n"));
        assertEquals(3, history.rows().size());
        assertEquals(40960, history.rows().get(2).tokens());
        assertArrayEquals(new double[] {10, 20}, history.series(Metric.TRAIN_LOSS).steps());
        assertArrayEquals(new double[] {6.93, 6.5}, history.series(Metric.VAL_LOSS).values());
        assertArrayEquals(new double[] {1e-4, 1e-3}, history.series(Metric.LEARNING_RATE).values());
        assertFalse(history.hasInfinite());
    }

    @Test void columnsMayBeAddedAndReordered() throws IOException {
        RunHistory history = RunHistory.read(file(
            "mfu,step,tokens,val_loss,train_loss,learning_rate,grad_norm,tokens_per_second\n0.4,1,2,3,4,5,6,7\n"));
        assertArrayEquals(new double[] {4}, history.series(Metric.TRAIN_LOSS).values());
    }

    @Test void aRowStillBeingWrittenIsLeftOut() throws IOException {
        assertEquals(1, RunHistory.read(file(HEADER + "10,20480,6.5,,1.0E-4,2.25,9000,227.5\r\n20,40960,6.2")).rows().size());
    }

    @Test void valuesThatAreNotFiniteAreToldButInNoSeries() throws IOException {
        RunHistory history = RunHistory.read(file(HEADER + "10,20480,NaN,,1.0E-4,Infinity,9000,227.5\r\n"));
        assertTrue(history.hasInfinite());
        assertEquals(0, history.series(Metric.TRAIN_LOSS).values().length);
        assertEquals(0, history.series(Metric.GRAD_NORM).values().length);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "10,1,x,,,,,            | row 1, column train_loss: \"x\" is not a number.",
        "10,1,0x1p3,,,,,        | row 1, column train_loss: \"0x1p3\" is not a number.",
        "-1,1,,,,,,             | row 1, column step: \"-1\" is not a whole number.",
        "10,1,6.5               | row 1 has 3 fields, expected 8 as the header has.",
        "10,1,,,,,,;10,2,,,,,,  | row 2 is of step 10, after step 10: steps must rise.",
    })
    void brokenRowsAreToldByNumber(String rows, String expected) throws IOException {
        Path file = file(HEADER + rows.replace(";", "\r\n") + "\r\n");
        String message = assertThrows(ModelFormatException.class, () -> RunHistory.read(file)).getMessage();
        assertEquals(file + ": " + expected, message);
    }

    @Test void aFileThatIsNoMetricsFileIsRefused() throws IOException {
        Path none = folder.resolve("none.csv");
        assertTrue(assertThrows(ModelFormatException.class, () -> RunHistory.read(none)).getMessage().contains("does not exist"));
        Path other = file("step,loss\n1,2\n");
        assertTrue(assertThrows(ModelFormatException.class, () -> RunHistory.read(other)).getMessage().contains("it is step,loss"));
        Path twice = file("step,step\n1,2\n");
        assertThrows(ModelFormatException.class, () -> RunHistory.read(twice));
        Path empty = file("");
        assertThrows(ModelFormatException.class, () -> RunHistory.read(empty));
        Path latin1 = Files.write(folder.resolve("latin1.csv"), new byte[] {'s', (byte) 0xE9, '\n'});
        assertTrue(assertThrows(ModelFormatException.class, () -> RunHistory.read(latin1)).getMessage().contains("is not UTF-8"));
        Path digits = file(HEADER + "10,1," + "9".repeat(200_000) + "x,,,,,\r\n");
        assertTimeoutPreemptively(Duration.ofSeconds(120), () -> assertThrows(ModelFormatException.class, () -> RunHistory.read(digits)));
    }
}
