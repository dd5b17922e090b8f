package inkling.train;

/**
 * Why a training ended, if it did not fail. A checkpoint of its last update is then on disk. The only exception is a new run that was
 * stopped before its first checkpoint. Such a run was in the evaluation before its first update, or {@link PreferenceReference} was
 * computing log-probabilities.
 */
public enum Ending { MAX_STEPS, MAX_MINUTES, EARLY_STOPPING, STOPPED }
