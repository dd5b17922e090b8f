package inkling.data.source;

import inkling.errors.ConfigException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Divides the content of several files into training and validation. The first floor((1 − fraction)·n) of each file's n characters (or
 * records, e.g. conversations) are for training, the rest for validation.
 *
 * @param training the ranges for training, none of them empty
 * @param validation the ranges for validation, none of them empty
 */
public record Cut(List<Range> training, List<Range> validation) {
    /** The characters or records [from, to), counted from the beginning of the first file. */
    public record Range(long from, long to) {
        public long length() {
            return to - from;
        }
    }

    public Cut {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
    }

    /**
     * Cuts the content of each file, of n characters or records, after the first floor((1 − fraction)·n).
     *
     * @param ends where each file ends, counted from the beginning of the first file. With only the last of these ends, all files are cut
     *     as one ({@link Reading#pieces})
     */
    public static Cut of(double fraction, List<Long> ends) {
        List<Range> training = new ArrayList<>();
        List<Range> validation = new ArrayList<>();
        long from = 0;
        for (long to : ends) {
            long cut = from + trainingCount(fraction, to - from);
            training.add(new Range(from, cut));
            validation.add(new Range(cut, to));
            from = to;
        }
        training.removeIf(range -> range.length() == 0);
        validation.removeIf(range -> range.length() == 0);
        return new Cut(training, validation);
    }

    /**
     * As {@link #of}, for records of which some may be left out. Training and validation each need at least one record that is kept.
     *
     * @param source how messages name the files
     * @param records how messages name the records: {@code conversations}
     * @param kept the numbers of the records that are not left out, in order; 0 is the first file's first record
     * @return ranges of indices in {@code kept}, not of record numbers
     * @throws ConfigException if training or validation gets no record
     */
    public static Cut ofRecords(String source, String records, double fraction, List<Long> ends, List<Long> kept) {
        Cut all = of(fraction, ends);
        Cut cut = new Cut(among(kept, all.training), among(kept, all.validation));
        long training = count(cut.training);
        long validation = count(cut.validation);
        if (training == 0 || validation == 0) {
            throw new ConfigException(("%s: val: %s leaves %d of %d %s to train on and %d to validate on; both need at least 1.%s "
                + "Give more %s, or set val to the path of a separate file.").formatted(source, fraction, training, training + validation,
                    records, validation, ends.size() > 1 ? " Each of the %d files is cut.".formatted(ends.size()) : "", records));
        }
        return cut;
    }

    private static List<Range> among(List<Long> kept, List<Range> ranges) {
        return ranges.stream().map(range -> new Range(before(kept, range.from), before(kept, range.to)))
            .filter(range -> range.length() > 0).toList();
    }

    /** How many of the rising numbers are smaller than {@code number}. */
    private static long before(List<Long> numbers, long number) {
        int found = Collections.binarySearch(numbers, number);
        return found < 0 ? -found - 1 : found;
    }

    /** The numbers of n records, none of which is left out. */
    public static List<Long> whole(int n) {
        return LongStream.range(0, n).boxed().toList();
    }

    /** The summed length of {@code ranges}. */
    public static long count(List<Range> ranges) {
        return ranges.stream().mapToLong(Range::length).sum();
    }

    /** The elements of a list whose indices are in {@code ranges}. */
    public static <T> List<T> take(List<T> all, List<Range> ranges) {
        return ranges.stream().flatMap(range -> all.subList((int) range.from(), (int) range.to()).stream()).toList();
    }

    /** Computes floor((1 − fraction)·n) in decimal, so that {@code 0.1} is exactly a tenth. */
    public static long trainingCount(double fraction, long n) {
        return BigDecimal.ONE.subtract(BigDecimal.valueOf(fraction)).multiply(BigDecimal.valueOf(n))
            .setScale(0, RoundingMode.FLOOR).longValueExact();
    }
}
