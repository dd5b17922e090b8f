package inkling.run;

import inkling.train.Ending;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whether a run is being trained or how its training ended, in one word. */
public enum RunState {
    /** A process holds the run's lock. */
    RUNNING,
    /** All updates are made. */
    FINISHED,
    /** The time of {@code train.max_minutes} was over. */
    OUT_OF_TIME,
    /** {@code train.early_stopping_patience} evaluations in a row gave no new lowest loss. */
    STOPPED_EARLY,
    /** Stopped by a signal, killed, or ended by another fault than divergence: a resume continues the run. */
    STOPPED,
    /** The next update (or round of workers) diverged, see {@link inkling.train.DivergedException}; its result was dropped. */
    DIVERGED;

    private static final Set<RunState> ENDINGS = EnumSet.complementOf(EnumSet.of(RUNNING));

    static RunState of(Ending ending) {
        return switch (ending) {
            case MAX_STEPS -> FINISHED;
            case MAX_MINUTES -> OUT_OF_TIME;
            case EARLY_STOPPING -> STOPPED_EARLY;
            case STOPPED -> STOPPED;
        };
    }

    /** The ending whose {@link #word} is {@code word}, as run.json records it; empty if no ending has this word. */
    static Optional<RunState> ending(String word) {
        return ENDINGS.stream().filter(state -> state.word().equals(word)).findFirst();
    }

    /** As run.json and other JSON documents spell it: {@code stopped_early}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As people read it: {@code stopped early}. */
    @Override
    public String toString() {
        return word().replace('_', ' ');
    }
}
