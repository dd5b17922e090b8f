package inkling.template.node;

import inkling.template.value.Budget;
import inkling.template.value.Python;

/** The operators that compare two values. */
public enum Comparator {
    EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, IN, NOT_IN;

    boolean holds(Object left, Object right, Budget budget) {
        return switch (this) {
            case EQUAL -> Python.equal(left, right, budget);
            case NOT_EQUAL -> !Python.equal(left, right, budget);
            case LESS -> Python.compare(left, right, budget) < 0;
            case LESS_OR_EQUAL -> Python.compare(left, right, budget) <= 0;
            case GREATER -> Python.compare(left, right, budget) > 0;
            case GREATER_OR_EQUAL -> Python.compare(left, right, budget) >= 0;
            case IN -> Python.contains(right, left, budget);
            case NOT_IN -> !Python.contains(right, left, budget);
        };
    }
}
