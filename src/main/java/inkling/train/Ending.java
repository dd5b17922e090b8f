package inkling.train;

/** Why a training ended, if it did not fail. A checkpoint of its last update is on disk, unless its first evaluation was stopped. */
public enum Ending { MAX_STEPS, MAX_MINUTES, EARLY_STOPPING, STOPPED }
