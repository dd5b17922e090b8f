package inkling.model;

/** {@link #TRAIN} applies dropout; {@link #EVAL} does not. */
public enum Mode { TRAIN, EVAL }
