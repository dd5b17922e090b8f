package inkling.template.builtin;

import inkling.template.value.Fault;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A date and time, which {@code strftime_now} formats in English. The code that runs a template chooses the moment; nothing here asks a
 * clock.
 *
 * @param year 1 to 9999
 * @param month 1 to 12
 * @param day 1 to the length of the month
 * @param hour 0 to 23
 * @param minute 0 to 59
 * @param second 0 to 59
 */
public record Moment(int year, int month, int day, int hour, int minute, int second) {
    private static final Pattern WRITTEN =
        Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?");
    private static final List<String> MONTHS = List.of("January", "February", "March", "April", "May", "June", "July",
        "August", "September",
        "October", "November", "December");
    private static final List<String> DAYS = List.of("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");
    private static final int LONGEST_FORMAT = 1000;

    public Moment {
        if (month < 1 || month > 12 || day < 1 || day > length(year, month) || hour > 23 || minute > 59 || second > 59 || year < 1
            || year > 9999 || hour < 0 || minute < 0 || second < 0) {
            throw new IllegalArgumentException("no such time: %d-%d-%d %d:%d:%d".formatted(year, month, day, hour, minute, second));
        }
    }

    /**
     * Reads {@code 2024-07-26}, {@code 2024-07-26T12:30} or {@code 2024-07-26T12:30:00}. A space may replace the {@code T}. Empty if
     * {@code text} is no such time.
     */
    public static Optional<Moment> parse(String text) {
        Matcher parts = WRITTEN.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int[] numbers = new int[6];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = parts.group(i + 1) == null ? 0 : Integer.parseInt(parts.group(i + 1));
        }
        try {
            return Optional.of(new Moment(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** {@code 2024-07-26}. */
    public String date() {
        return "%04d-%02d-%02d".formatted(year, month, day);
    }

    private static int length(int year, int month) {
        boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        return switch (month) {
            case 2 -> leap ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    private int dayOfYear() {
        int days = day;
        for (int before = 1; before < month; before++) {
            days += length(year, before);
        }
        return days;
    }

    /** 0 for Monday. The first of January of the year 1 was a Monday. */
    private int dayOfWeek() {
        int years = year - 1;
        return (years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear() - 1) % 7;
    }

    /**
     * The time as C's {@code strftime} writes it in the C locale. A hyphen, as in {@code %-d}, leaves out leading zeros and spaces.
     *
     * @throws Fault if what follows a {@code %} is not supported, if nothing follows it, or if the format is too long
     */
    public String format(String format) {
        if (format.length() > LONGEST_FORMAT) {
            throw Fault.limit("a format of strftime_now has more than %,d characters.".formatted(LONGEST_FORMAT));
        }
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < format.length(); at++) {
            if (format.charAt(at) != '%') {
                out.append(format.charAt(at));
                continue;
            }
            boolean bare = format.startsWith("%-", at);
            at += bare ? 2 : 1;
            String field = at < format.length() ? field(format.charAt(at)) : "";
            if (field.isEmpty()) {
                throw Fault.unsupported("the format \"%s\" of strftime_now".formatted(format));
            }
            out.append(bare && field.length() > 1 ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
        }
        return out.toString();
    }

    private String field(char letter) {
        return switch (letter) {
            case 'Y' -> "%d".formatted(year);
            case 'y' -> "%02d".formatted(year % 100);
            case 'm' -> "%02d".formatted(month);
            case 'B' -> MONTHS.get(month - 1);
            case 'b', 'h' -> MONTHS.get(month - 1).substring(0, 3);
            case 'd' -> "%02d".formatted(day);
            case 'e' -> "%2d".formatted(day);
            case 'j' -> "%03d".formatted(dayOfYear());
            case 'A' -> DAYS.get(dayOfWeek());
            case 'a' -> DAYS.get(dayOfWeek()).substring(0, 3);
            case 'u' -> "%d".formatted(dayOfWeek() + 1);
            case 'w' -> "%d".formatted((dayOfWeek() + 1) % 7);
            case 'H' -> "%02d".formatted(hour);
            case 'I' -> "%02d".formatted((hour + 11) % 12 + 1);
            case 'p' -> hour < 12 ? "AM" : "PM";
            case 'M' -> "%02d".formatted(minute);
            case 'S' -> "%02d".formatted(second);
            case 'F' -> date();
            case 'T' -> "%02d:%02d:%02d".formatted(hour, minute, second);
            case 'R' -> "%02d:%02d".formatted(hour, minute);
            case 'D' -> "%02d/%02d/%02d".formatted(month, day, year % 100);
            case '%' -> "%";
            default -> "";
        };
    }
}
