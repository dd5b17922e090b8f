package inkling.train;

/** Why a training ended, if it did not fail. A checkpoint of its last update is on disk, unless it was stopped before any checkpoint. */
public enum Ending { MAX_STEPS, MAX_MINUTES, EARLY_STOPPING, STOPPED }
