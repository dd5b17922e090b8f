package inkling.errors;

/** The exit codes of Inkling's process, all in one place. */
public enum ExitCode {
    DONE(0), OUR_FAULT(1), USER_CAN_FIX(2), CANNOT_READ_OR_WRITE(3), BAD_MODEL(4), DIVERGED(5),
    STOPPED_BY_SIGHUP(129), STOPPED_BY_SIGINT(130), STOPPED_BY_SIGTERM(143);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
