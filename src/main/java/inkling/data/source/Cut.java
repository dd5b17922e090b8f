package inkling.data.source;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a fraction cuts what several files hold, one after the other: characters, or conversations. Of each file's n the first
 * floor((1 − fraction)·n) are for training, the rest for validation.
 *
 * @param training without empty stretches
 * @param validation without empty stretches
 */
public record Cut(List<Stretch> training, List<Stretch> validation) {
    /** From {@code from} to before {@code to}, counted from the beginning of the first file. */
    public record Stretch(long from, long to) {
        public long length() {
            return to - from;
        }
    }

    public Cut {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
    }

    /** @param ends where each file ends, counted from the beginning of the first */
    public static Cut of(double fraction, List<Long> ends) {
        List<Stretch> training = new ArrayList<>();
        List<Stretch> validation = new ArrayList<>();
        long from = 0;
        for (long to : ends) {
            long cut = from + trainingCount(fraction, to - from);
            training.add(new Stretch(from, cut));
            validation.add(new Stretch(cut, to));
            from = to;
        }
        training.removeIf(stretch -> stretch.length() == 0);
        validation.removeIf(stretch -> stretch.length() == 0);
        return new Cut(training, validation);
    }

    public static long count(List<Stretch> stretches) {
        return stretches.stream().mapToLong(Stretch::length).sum();
    }

    /** Of a list of what is counted, that in {@code stretches}. */
    public static <T> List<T> take(List<T> all, List<Stretch> stretches) {
        return stretches.stream().flatMap(stretch -> all.subList((int) stretch.from(), (int) stretch.to()).stream()).toList();
    }

    /** floor((1 − fraction)·n) of the fraction as it is written: {@code 0.1} is a tenth here, which no double is. */
    public static long trainingCount(double fraction, long n) {
        return BigDecimal.ONE.subtract(BigDecimal.valueOf(fraction)).multiply(BigDecimal.valueOf(n))
            .setScale(0, RoundingMode.FLOOR).longValueExact();
    }
}
