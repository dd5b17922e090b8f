package inkling.template.node;

import inkling.template.value.Budget;

/** A part of a template that has a value. */
public interface Expression {
    /** Computes the value. Only {@link #evaluate} calls this. */
    Object compute(Scope scope);

    /** Gives the value. This takes one step of the budget, and one level of nesting while the value is computed. */
    default Object evaluate(Scope scope) {
        Budget budget = scope.budget();
        budget.enter();
        Object value = compute(scope);
        budget.leave();
        return value;
    }
}
