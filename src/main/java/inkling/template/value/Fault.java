package inkling.template.value;

import java.util.OptionalInt;

/** Ends the parsing or running of a template. {@code Template} turns it into an exception for users. */
public final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The reason. */
    public enum Kind {
        /** The template itself refuses the conversation, by {@code raise_exception}. */
        RAISED,
        /** Jinja or Python would also end with an error. */
        FAILED,
        /** Jinja can do this, but it is not supported here. */
        UNSUPPORTED,
        /** The template needs more steps, levels of nesting or characters than any real template. */
        LIMIT
    }

    private final Kind kind;
    private final OptionalInt line;

    private Fault(Kind kind, String message, OptionalInt line) {
        super(message, null, false, false);
        this.kind = kind;
        this.line = line;
    }

    public static Fault raised(String message) {
        return new Fault(Kind.RAISED, message, OptionalInt.empty());
    }

    public static Fault failed(String message) {
        return new Fault(Kind.FAILED, message, OptionalInt.empty());
    }

    public static Fault unsupported(String what) {
        return new Fault(Kind.UNSUPPORTED, what + " is not supported here.", OptionalInt.empty());
    }

    public static Fault limit(String message) {
        return new Fault(Kind.LIMIT, message, OptionalInt.empty());
    }

    /** The same fault at {@code line}. If the fault already has a line, it keeps that line. */
    public Fault at(int line) {
        return this.line.isPresent() ? this : new Fault(kind, getMessage(), OptionalInt.of(line));
    }

    public Kind kind() {
        return kind;
    }

    /** The line of the template, from 1; empty if it is not known. */
    public OptionalInt line() {
        return line;
    }
}
