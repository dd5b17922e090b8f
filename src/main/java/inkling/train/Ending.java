package inkling.train;

/** Why a training ended, other than by a fault; a checkpoint of its last update is on disk in every case. */
public enum Ending { MAX_STEPS, MAX_MINUTES, EARLY_STOPPING, STOPPED }
