package inkling.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsCsvTest {
    private static final String HEADER = "step,tokens,train_loss,val_loss,learning_rate,grad_norm,tokens_per_second,step_millis\r\n";

    @TempDir Path run;
    private final List<String> warnings = new ArrayList<>();

    private MetricsCsv open(long step) {
        return MetricsCsv.open(run, step, DurableFiles.SYSTEM, warnings::add);
    }

    private String content() throws IOException {
        return Files.readString(run.resolve("metrics.csv"));
    }

    @Test void whatWasNotMeasuredIsEmpty() throws IOException {
        MetricsCsv metrics = open(-1);
        metrics.append(0, 0, Optional.empty(), Optional.of(new Evaluator.Result(4.25, 1)));
        metrics.append(1, 64, Optional.of(new StepMetrics(1, 64, 4.125, 0.5, 1e-3, 1000.4, 12.34567)), Optional.empty());
        metrics.force();
        assertEquals(HEADER + "0,0,,4.25,,,,\r\n1,64,4.125,,0.001,0.5,1000,12.346\r\n", content());
        assertEquals(List.of(), warnings);
    }

    @Test void rowsAfterTheCheckpointAndAHalfWrittenOneAreCut() throws IOException {
        Files.writeString(run.resolve("metrics.csv"), HEADER + "1,64,4.1,,,,,\r\n2,128,4.0,,,,,\r\n3,192,3.9,,,,,\r\n4,2");
        open(2).append(3, 192, Optional.empty(), Optional.of(new Evaluator.Result(3.8, 1)));
        assertEquals(HEADER + "1,64,4.1,,,,,\r\n2,128,4.0,,,,,\r\n3,192,,3.8,,,,\r\n", content());
        open(-1);
        assertEquals(HEADER, content());
    }

    @Test void anInvalidRowIsNamed() throws IOException {
        Files.writeString(run.resolve("metrics.csv"), HEADER + "one,64\r\n");
        String message = assertThrows(ModelFormatException.class, () -> open(5)).getMessage();
        assertTrue(message.contains("metrics.csv: the row [one, 64] does not have a step and 8 columns."), message);
    }

    @Test void theWarningNamesARemovedFileOnceAndGivesTheReason() throws IOException {
        MetricsCsv metrics = open(-1);
        Files.delete(run.resolve("metrics.csv"));
        metrics.append(0, 0, Optional.empty(), Optional.of(new Evaluator.Result(1, 1)));
        assertEquals(List.of(run.resolve("metrics.csv") + ": a row could not be written (does not exist); training goes on."), warnings);
    }

    @Test void aFullDiskIsSaidOnceAndDoesNotStopTheTraining() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "skipped: needs /dev/full");
        MetricsCsv metrics = open(-1);
        Files.delete(run.resolve("metrics.csv"));
        Files.createSymbolicLink(run.resolve("metrics.csv"), full);
        for (int step = 0; step < 3; step++) {
            metrics.append(step, 0, Optional.empty(), Optional.of(new Evaluator.Result(1, 1)));
            metrics.force();
        }
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("metrics.csv: a row could not be written (No space left on device); training goes on."),
            warnings.get(0));
    }
}
