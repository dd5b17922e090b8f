package inkling.template.node;

import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.TextBuilder;
import java.util.List;

/** A part of a template that writes text, changes variables, or ends a loop or one pass of it. */
public interface Statement {
    /** Where execution goes on after a statement. */
    enum Flow { NEXT, BREAK, CONTINUE }

    /** The line on which the statement begins, from 1. */
    int line();

    /** Runs the statement. Only {@link Block#run} calls this. */
    Flow execute(Scope scope, TextBuilder out);

    /** Statements, one after the other. */
    record Block(List<Statement> statements) {
        /**
         * Runs the statements in order, up to the first {@code break} or {@code continue}. Returns that one; {@link Flow#NEXT} if there is
         * none.
         */
        public Flow run(Scope scope, TextBuilder out) {
            Budget budget = scope.budget();
            for (Statement statement : statements) {
                budget.enter();
                Flow flow;
                try {
                    flow = statement.execute(scope, out);
                } catch (Fault fault) {
                    throw fault.at(statement.line());
                }
                budget.leave();
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        }
    }
}
