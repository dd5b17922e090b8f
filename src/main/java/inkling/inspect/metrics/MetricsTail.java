package inkling.inspect.metrics;

import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.inspect.RunHistory.Metric;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Reads a {@code metrics.csv} that grows: each {@link #poll} reads the rows that were added since the poll before. A last row that has no
 * line end yet is left for a later poll. A resumed run writes the file anew, without the rows after its checkpoint. If the bytes that were
 * read last have changed or are gone, the next poll reads the file from its beginning.
 *
 * <p>This class reads the same format as {@link inkling.inspect.RunHistory}, but keeps no rows. So its memory does not grow with the file.
 */
public final class MetricsTail {
    /** Receives the rows. */
    public interface Rows {
        /** Reading begins again, e.g. because the file was written anew or removed. Forget all rows: the next row is the file's first. */
        void begin();

        /**
         * A row.
         *
         * @param values the value of each {@link Metric}, by its ordinal: NaN if it was not measured, infinite if the measured value was
         *     not finite. The array is valid only during the call
         */
        void row(long step, long tokens, double[] values);
    }

    private static final int CHUNK = 1 << 20;     // bytes that are read at once; a line with its end must fit into them
    private static final int REMEMBERED = 128;    // poll compares at most so many bytes before offset, to notice a new file
    private static final int STEP = -2;           // stands in `columns` for the column step
    private static final int TOKENS = -1;         // stands in `columns` for the column tokens
    private static final Metric[] METRICS = Metric.values();

    private final Path file;
    private final Rows rows;
    private final double[] values = new double[METRICS.length];
    private byte[] before = new byte[0];   // the last bytes before offset
    private int[] columns = {};            // the file's columns: STEP, TOKENS, an index of METRICS, or METRICS.length for no metric
    private long offset;                   // of the first byte after the lines that were read
    private long rowsRead;
    private long step = -1;
    private long tokens;
    private long nextStep;
    private long nextTokens;

    /** @param file need not exist yet */
    public MetricsTail(Path file, Rows rows) {
        this.file = file;
        this.rows = rows;
    }

    /**
     * Reads the new rows.
     *
     * @return whether there was a new line, or the file was written anew or removed
     * @throws ModelFormatException if the header does not name each needed column once, if a row does not fit the header, if its step or
     *     tokens are no whole number, if a metric is neither empty nor a number, if the step does not rise, or if a line is longer than
     *     1 MiB
     * @throws inkling.errors.StorageException if the file cannot be read
     */
    public boolean poll() {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            boolean anew = offset > 0 && !stillThere(channel);
            if (anew) {
                restart();
            }
            return read(channel) || anew;
        } catch (NoSuchFileException e) {
            boolean had = offset > 0;
            if (had) {
                restart();
            }
            return had;
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    /** Makes the next {@link #poll} read from the beginning of the file, and calls {@link Rows#begin}. */
    public void restart() {
        offset = 0;
        rowsRead = 0;
        step = -1;
        tokens = 0;
        before = new byte[0];
        columns = new int[0];
        rows.begin();
    }

    private boolean stillThere(FileChannel channel) throws IOException {
        ByteBuffer now = ByteBuffer.allocate(before.length);
        while (now.hasRemaining() && channel.read(now, offset - before.length + now.position()) > 0) {
            continue;
        }
        return !now.hasRemaining() && Arrays.equals(now.array(), before);
    }

    private boolean read(FileChannel channel) throws IOException {
        boolean any = false;
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, Math.max(0, channel.size() - offset)));
        while (chunk.capacity() > 0) {
            chunk.clear();
            while (chunk.hasRemaining() && channel.read(chunk, offset + chunk.position()) > 0) {
                continue;
            }
            int used = 0;
            try {
                for (int end = lineEnd(chunk, used); end > 0; end = lineEnd(chunk, used)) {
                    line(chunk.array(), used, end);
                    used = end;
                }
            } finally {   // after a fault, the next call begins with the faulty line
                before = used == 0 ? before : Arrays.copyOfRange(chunk.array(), Math.max(0, used - REMEMBERED), used);
                offset += used;
            }
            if (used == 0) {
                requireLineEnd(chunk.position());
                return any;
            }
            any = true;
        }
        return any;
    }

    private void requireLineEnd(int bytes) {
        if (bytes == CHUNK) {
            throw fault("has no end after " + CHUNK + " bytes");
        }
    }

    /** The place after the first line feed from {@code from} on; 0 if there is none. */
    private static int lineEnd(ByteBuffer chunk, int from) {
        byte[] bytes = chunk.array();
        for (int i = from; i < chunk.position(); i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    /** Reads the line {@code bytes[from … end)}, whose last byte is its line feed. */
    private void line(byte[] bytes, int from, int end) {
        int to = end - 1 > from && bytes[end - 2] == '\r' ? end - 2 : end - 1;
        if (columns.length == 0) {
            header(new String(bytes, from, to - from, StandardCharsets.UTF_8));
        } else {
            row(bytes, from, to);
        }
    }

    private void header(String line) {
        int[] named = Arrays.stream(line.split(",", -1)).mapToInt(MetricsTail::column).toArray();
        for (int needed = STEP; needed <= Metric.TOKENS_PER_SECOND.ordinal(); needed++) {
            int column = needed;
            if (Arrays.stream(named).filter(c -> c == column).count() != 1) {
                throw new ModelFormatException("%s: line 1 must name step, tokens, train_loss, val_loss, learning_rate, grad_norm and"
                    .formatted(file) + " tokens_per_second once each; it is " + line + ".");
            }
        }
        columns = named;
    }

    private static int column(String name) {
        return name.equals("step") ? STEP : name.equals("tokens") ? TOKENS : Arrays.stream(METRICS)
            .filter(metric -> metric.column().equals(name)).mapToInt(Metric::ordinal).findFirst().orElse(METRICS.length);
    }

    private void row(byte[] bytes, int from, int to) {
        Arrays.fill(values, Double.NaN);
        nextStep = -1;
        nextTokens = 0;
        int column = 0;
        for (int at = from; at <= to; column++) {
            int end = at;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            if (column == columns.length) {
                throw fault("has more fields than the header");
            }
            field(columns[column], bytes, at, end);
            at = end + 1;
        }
        if (column < columns.length) {
            throw fault("has %d fields, the header has %d".formatted(column, columns.length));
        }
        if (nextStep <= step) {
            throw fault("is of step %d, after step %d: steps must rise".formatted(nextStep, step));
        }
        rowsRead++;
        step = nextStep;
        tokens = nextTokens;
        rows.row(step, tokens, values);
    }

    private void field(int column, byte[] bytes, int from, int to) {
        if (column == METRICS.length || from == to && column >= 0) {
            return;
        }
        double value = PlainNumber.parse(bytes, from, to);
        if (column >= 0) {
            values[column] = value;
            if (Double.isNaN(value)) {
                throw fault("has a field that is no number: " + new String(bytes, from, to - from, StandardCharsets.UTF_8));
            }
            return;
        }
        if (!(value >= 0 && value < 1e15 && value == Math.rint(value))) {
            throw fault("has no whole number as its step or its tokens");
        }
        if (column == STEP) {
            nextStep = (long) value;
        } else {
            nextTokens = (long) value;
        }
    }

    private ModelFormatException fault(String what) {
        return new ModelFormatException("%s: row %d %s. Remove the row, or the file.".formatted(file, rowsRead + 1, what));
    }
}
