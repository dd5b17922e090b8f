package inkling.train;

/**
 * Why a training ended, if it did not fail. A checkpoint of its last update is on disk, unless a new run was stopped before its first
 * checkpoint: in the evaluation before its first update, or while its reference's log-probabilities were computed
 * ({@link PreferenceReference}).
 */
public enum Ending { MAX_STEPS, MAX_MINUTES, EARLY_STOPPING, STOPPED }
