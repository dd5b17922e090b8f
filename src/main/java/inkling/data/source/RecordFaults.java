package inkling.data.source;

import inkling.errors.ConfigException;
import inkling.errors.Printable;
import java.util.ArrayList;
import java.util.List;

/** Collects the faults in a corpus's records for one report. The report has the first ten, and says how many more there are. */
public final class RecordFaults {
    private static final int MOST_TOLD = 10;

    private final List<String> told = new ArrayList<>();
    private long count;

    /** Adds a fault, as a line of the report. */
    public void add(String fault) {
        count++;
        if (told.size() < MOST_TOLD) {
            told.add(fault);
        }
    }

    /** @throws ConfigException with the report, if there are any faults */
    public void throwIfAny() {
        if (count == 0) {
            return;
        }
        long more = count - told.size();
        if (more > 0) {
            told.add("… and %s: %d in all.".formatted(Printable.counted(more, "more fault"), count));
        }
        throw new ConfigException(String.join("\n", told));
    }
}
