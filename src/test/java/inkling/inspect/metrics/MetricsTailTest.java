package inkling.inspect.metrics;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.serve.RunFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads a metrics.csv that is being written: each row as soon as it is whole, and all rows again after the file was written anew. */
class MetricsTailTest {
    @TempDir Path folder;
    private Path run;
    private MetricsTail tail;
    private final List<String> seen = new ArrayList<>();
    private final List<RunHistory.Row> rows = new ArrayList<>();

    @BeforeEach void begin() throws IOException {
        run = RunFiles.begin(folder, "a", 100);
        tail = new MetricsTail(run.resolve("metrics.csv"), new MetricsTail.Rows() {
            @Override
            public void begin() {
                seen.add("anew");
            }

            @Override
            public void row(long step, long tokens, double[] values) {
                seen.add("" + step);
                rows.add(new RunHistory.Row(step, tokens, values.clone()));
            }
        });
    }

    private List<String> news() {
        tail.poll();
        List<String> news = List.copyOf(seen);
        seen.clear();
        return news;
    }

    @Test void halfARowIsWaitedForAndNothingIsReadTwice() throws IOException {
        assertEquals(List.of(), news());
        RunFiles.append(run, RunFiles.rows(1, 2, 2));
        assertEquals(List.of("1", "2"), news());
        String third = RunFiles.rows(3, 3, 2);
        for (int cut : new int[] {1, 9, third.length() - 2, third.length() - 1}) {
            Files.writeString(run.resolve("metrics.csv"), header() + RunFiles.rows(1, 2, 2) + third.substring(0, cut));
            assertFalse(tail.poll(), "after " + cut + " characters");
        }
        Files.writeString(run.resolve("metrics.csv"), header() + RunFiles.rows(1, 2, 2) + third);
        assertEquals(List.of("3"), news());
        assertFalse(tail.poll());
    }

    private String header() throws IOException {
        return Files.readAllLines(run.resolve("metrics.csv")).get(0) + "\r\n";
    }

    /** A resume cuts rows off; the rows that it then writes may have the same steps. */
    @Test void aFileThatIsWrittenAnewIsReadFromItsBeginning() throws IOException {
        RunFiles.append(run, RunFiles.rows(1, 9, 3));
        news();
        String header = header();
        Files.writeString(run.resolve("metrics.csv"), header + RunFiles.rows(1, 5, 3));
        assertEquals(List.of("anew", "1", "2", "3", "4", "5"), news());
        Files.writeString(run.resolve("metrics.csv"), header + RunFiles.rows(1, 3, 3) + RunFiles.rows(4, 9, 3));
        assertEquals("anew", news().get(0), "the file has other values");
        Files.delete(run.resolve("metrics.csv"));
        assertEquals(List.of("anew"), news());
        assertEquals(List.of(), news());
    }

    @Test void itReadsWhatReportsRead() throws IOException {
        RunFiles.append(run, RunFiles.rows(1, 3000, 7));
        RunFiles.append(run, "3001,1,NaN,Infinity,1.0E-5,-Infinity,12,\r\n3002,2,,,,,,\r\n");
        tail.poll();
        List<RunHistory.Row> expected = RunFiles.history(run).rows();
        assertEquals(expected.size(), rows.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).step(), rows.get(i).step());
            assertEquals(expected.get(i).tokens(), rows.get(i).tokens());
            for (Metric metric : Metric.values()) {
                double wanted = expected.get(i).values()[metric.ordinal()];
                double read = rows.get(i).values()[metric.ordinal()];
                // a chart needs only to know that a number is not finite
                assertEquals(Double.isInfinite(wanted) ? Double.POSITIVE_INFINITY : wanted, read, "%s of row %d".formatted(metric, i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2,64,1.0,,1e-3,1,5\r\n", "2,64,1.0,,1e-3,1,5,1,1\r\n", "2,64,one,,1e-3,1,5,1\r\n", "2.5,64,1,,1e-3,1,5,1\r\n",
        "-1,64,1,,1e-3,1,5,1\r\n", "1,64,1,,1e-3,1,5,1\r\n", ",64,1,,1e-3,1,5,1\r\n", "\r\n", "2,64,-,,1e-3,1,5,1\r\n",
        "2,64,1e,,1e-3,1,5,1\r\n"})
    void whatIsNoRowIsNamed(String line) throws IOException {
        RunFiles.append(run, RunFiles.rows(1, 1, 2) + line);
        for (int look = 1; look <= 2; look++) {
            says(assertThrows(ModelFormatException.class, tail::poll).getMessage(), "metrics.csv", "row 2", "Remove");
        }
        assertEquals(List.of("1"), seen, "the good row before is read once");
        Files.writeString(run.resolve("metrics.csv"), header() + RunFiles.rows(1, 3, 2));
        assertEquals(List.of("1", "2", "3"), news().stream().filter(what -> !what.equals("anew")).distinct().toList(), "mended");
    }

    @Test void aHeaderWithoutItsColumnsIsNamed() throws IOException {
        Files.writeString(run.resolve("metrics.csv"), "step,loss\r\n");
        says(assertThrows(ModelFormatException.class, tail::poll).getMessage(), "line 1", "train_loss", "step,loss");
    }

    @Test void plainNumbersAreParsedAsJavaParsesThem() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            double value = (random.nextBoolean() ? 1 : -1) * random.nextDouble() * Math.pow(10, random.nextInt(60) - 30);
            assertEquals(value, parsed(Double.toString(value)));
        }
        for (String exact : List.of("0", "1", "1234567", "0.5", "3.0E-4", "1.0E10", "9007199254740991", "-2.25", "0.0", "1e5", "1E+5")) {
            assertEquals(Double.parseDouble(exact), parsed(exact), exact);
        }
        for (String none : List.of("", "-", ".", "e5", "1e", "1.2.3", "--1", "0x1p3", "1d", " 1", "1_0")) {
            assertTrue(Double.isNaN(parsed(none)), none);
        }
    }

    private static double parsed(String text) {
        byte[] bytes = ("9" + text + "9").getBytes(StandardCharsets.US_ASCII);
        return PlainNumber.parse(bytes, 1, bytes.length - 1);
    }
}
