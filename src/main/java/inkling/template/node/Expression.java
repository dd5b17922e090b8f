package inkling.template.node;

import inkling.template.value.Budget;

/** A part of a template that has a value. */
public interface Expression {
    /** Computes the value; called by {@link #evaluate} alone. */
    Object compute(Scope scope);

    /** The value, which takes one step of the budget and one level of its depth. */
    default Object evaluate(Scope scope) {
        Budget budget = scope.budget();
        budget.enter();
        Object value = compute(scope);
        budget.leave();
        return value;
    }
}
