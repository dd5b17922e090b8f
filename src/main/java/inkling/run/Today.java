package inkling.run;

import inkling.template.builtin.Moment;
import java.time.LocalDateTime;

/** The date and time that chat templates get. Only this class reads them from the clock. */
final class Today {
    private Today() {}

    static Moment now() {
        LocalDateTime now = LocalDateTime.now();
        return new Moment(now.getYear(), now.getMonthValue(), now.getDayOfMonth(), now.getHour(), now.getMinute(), now.getSecond());
    }

    /** Today at midnight, because a run records the day without the time. */
    static Moment date() {
        Moment now = now();
        return new Moment(now.year(), now.month(), now.day(), 0, 0, 0);
    }
}
