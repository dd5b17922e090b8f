package inkling.errors;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/** A fault that the user can fix, e.g. in the command line, the run file, the corpus or the prompt. Exit code 2. */
public class ConfigException extends InklingException {
    /**
     * One broken rule. {@code field} is the key as the run file spells it ({@code n_head}), with the names of its sections once they are
     * known ({@code model.n_head}). It is "" if the rule is about no single key. A problem can be sent from process to process with its
     * exception.
     */
    public record Problem(String field, String message) implements Serializable {}

    private final List<Problem> problems;

    public ConfigException(String message) {
        this(message, null);
    }

    public ConfigException(String message, Throwable cause) {
        super(ExitCode.USER_CAN_FIX, message, cause);
        this.problems = List.of(new Problem("", message));
    }

    /** Several broken rules, so that a user can fix them together. */
    public ConfigException(List<Problem> problems) {
        super(ExitCode.USER_CAN_FIX, problems.stream().map(Problem::message).collect(Collectors.joining("\n")), null);
        this.problems = List.copyOf(problems);
    }

    public final List<Problem> problems() {
        return problems;
    }
}
