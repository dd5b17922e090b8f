package inkling.reference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Reverse-mode differentiation over {@link Matrix}. Each operation computes its result, and pushes the step that carries the result's
 * gradient back to its operands. {@link #backward} runs the steps last to first. Written as plain loops: correctness matters here, speed
 * does not.
 */
final class Tape {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** Computes the gradients of {@code result}, a (1, 1) matrix, with respect to all matrices that it was computed from. */
    void backward(Matrix result) {
        result.gradient[0] = 1;
        while (!steps.isEmpty()) {
            steps.pop().run();
        }
    }

    /** (n, k) x (k, m) -> (n, m). */
    Matrix multiply(Matrix a, Matrix b) {
        requireEqual(a.columns, b.rows);
        Matrix out = new Matrix(a.rows, b.columns);
        for (int i = 0; i < a.rows; i++) {
            for (int k = 0; k < a.columns; k++) {
                double left = a.value[i * a.columns + k];
                for (int j = 0; j < b.columns; j++) {
                    out.value[i * out.columns + j] += left * b.value[k * b.columns + j];
                }
            }
        }
        steps.push(() -> {
            for (int i = 0; i < a.rows; i++) {
                for (int k = 0; k < a.columns; k++) {
                    for (int j = 0; j < b.columns; j++) {
                        double g = out.gradient[i * out.columns + j];
                        a.gradient[i * a.columns + k] += g * b.value[k * b.columns + j];
                        b.gradient[k * b.columns + j] += g * a.value[i * a.columns + k];
                    }
                }
            }
        });
        return out;
    }

    /**
     * As {@link #multiply}, but with rounded factors: a and b forward, and on the way back also the result's gradient. Sums and results
     * are not rounded.
     */
    Matrix product(Matrix a, Matrix b, DoubleUnaryOperator rounding) {
        return roundedBack(multiply(map(a, rounding, x -> 1), map(b, rounding, x -> 1)), rounding);
    }

    /** The same values; their gradients are rounded on the way back. */
    private Matrix roundedBack(Matrix a, DoubleUnaryOperator rounding) {
        Matrix out = new Matrix(a.rows, a.columns, a.value);
        steps.push(() -> {
            for (int i = 0; i < a.value.length; i++) {
                a.gradient[i] += rounding.applyAsDouble(out.gradient[i]);
            }
        });
        return out;
    }

    Matrix transpose(Matrix a) {
        Matrix out = new Matrix(a.columns, a.rows);
        for (int i = 0; i < a.rows; i++) {
            for (int j = 0; j < a.columns; j++) {
                out.value[j * a.rows + i] = a.value[i * a.columns + j];
            }
        }
        steps.push(() -> {
            for (int i = 0; i < a.rows; i++) {
                for (int j = 0; j < a.columns; j++) {
                    a.gradient[i * a.columns + j] += out.gradient[j * a.rows + i];
                }
            }
        });
        return out;
    }

    /** Adds element by element. */
    Matrix add(Matrix a, Matrix b) {
        requireSameShape(a, b);
        Matrix out = new Matrix(a.rows, a.columns);
        for (int i = 0; i < out.value.length; i++) {
            out.value[i] = a.value[i] + b.value[i];
        }
        steps.push(() -> {
            for (int i = 0; i < out.value.length; i++) {
                a.gradient[i] += out.gradient[i];
                b.gradient[i] += out.gradient[i];
            }
        });
        return out;
    }

    /** Multiplies element by element. */
    Matrix times(Matrix a, Matrix b) {
        requireSameShape(a, b);
        Matrix out = new Matrix(a.rows, a.columns);
        for (int i = 0; i < out.value.length; i++) {
            out.value[i] = a.value[i] * b.value[i];
        }
        steps.push(() -> {
            for (int i = 0; i < out.value.length; i++) {
                a.gradient[i] += out.gradient[i] * b.value[i];
                b.gradient[i] += out.gradient[i] * a.value[i];
            }
        });
        return out;
    }

    Matrix scale(Matrix a, double factor) {
        return map(a, x -> factor * x, x -> factor);
    }

    /** A function of each element, with its derivative. */
    Matrix map(Matrix a, DoubleUnaryOperator function, DoubleUnaryOperator derivative) {
        Matrix out = new Matrix(a.rows, a.columns);
        for (int i = 0; i < out.value.length; i++) {
            out.value[i] = function.applyAsDouble(a.value[i]);
        }
        steps.push(() -> {
            for (int i = 0; i < out.value.length; i++) {
                a.gradient[i] += out.gradient[i] * derivative.applyAsDouble(a.value[i]);
            }
        });
        return out;
    }

    /** Repeats a vector: (1, n) -> ({@code rows}, n). */
    Matrix repeat(Matrix vector, int rows) {
        return gather(vector, new int[rows]);
    }

    /** Rows {@code ids} of a matrix, in that order, repeats allowed: an embedding lookup. */
    Matrix gather(Matrix table, int[] ids) {
        Matrix out = new Matrix(ids.length, table.columns);
        for (int i = 0; i < ids.length; i++) {
            System.arraycopy(table.value, ids[i] * table.columns, out.value, i * table.columns, table.columns);
        }
        steps.push(() -> {
            for (int i = 0; i < ids.length; i++) {
                for (int j = 0; j < table.columns; j++) {
                    table.gradient[ids[i] * table.columns + j] += out.gradient[i * table.columns + j];
                }
            }
        });
        return out;
    }

    /** Columns [from, from + width). */
    Matrix columns(Matrix a, int from, int width) {
        Matrix out = new Matrix(a.rows, width);
        for (int i = 0; i < a.rows; i++) {
            System.arraycopy(a.value, i * a.columns + from, out.value, i * width, width);
        }
        steps.push(() -> {
            for (int i = 0; i < a.rows; i++) {
                for (int j = 0; j < width; j++) {
                    a.gradient[i * a.columns + from + j] += out.gradient[i * width + j];
                }
            }
        });
        return out;
    }

    /** Joins matrices side by side. */
    Matrix join(List<Matrix> parts) {
        int rows = parts.get(0).rows;
        Matrix out = new Matrix(rows, parts.stream().mapToInt(p -> p.columns).sum());
        int from = 0;
        for (Matrix part : parts) {
            requireEqual(rows, part.rows);
            int offset = from;
            for (int i = 0; i < rows; i++) {
                System.arraycopy(part.value, i * part.columns, out.value, i * out.columns + offset, part.columns);
            }
            steps.push(() -> {
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < part.columns; j++) {
                        part.gradient[i * part.columns + j] += out.gradient[i * out.columns + offset + j];
                    }
                }
            });
            from += part.columns;
        }
        return out;
    }

    /**
     * Causal softmax of (T, T). Row t covers the last {@code window} columns up to column t, or all up to it if there are fewer; the others
     * are 0.
     */
    Matrix causalSoftmax(Matrix scores, int window) {
        int n = scores.columns;
        Matrix out = new Matrix(scores.rows, n);
        for (int i = 0; i < scores.rows; i++) {
            int first = firstSeen(i, window);
            System.arraycopy(softmax(scores.value, i * n + first, i + 1 - first), 0, out.value, i * n + first, i + 1 - first);
        }
        steps.push(() -> {
            for (int i = 0; i < scores.rows; i++) {
                double dot = 0;
                for (int j = firstSeen(i, window); j <= i; j++) {
                    dot += out.gradient[i * n + j] * out.value[i * n + j];
                }
                for (int j = firstSeen(i, window); j <= i; j++) {
                    scores.gradient[i * n + j] += out.value[i * n + j] * (out.gradient[i * n + j] - dot);
                }
            }
        });
        return out;
    }

    private static int firstSeen(int query, int window) {
        return Math.max(0, query - (window - 1));
    }

    /** Sum of -log softmax(row)[target] over the rows whose target is not -1, as (1, 1). */
    Matrix negativeLogLikelihood(Matrix logits, int[] targets) {
        requireEqual(logits.rows, targets.length);
        int n = logits.columns;
        Matrix out = new Matrix(1, 1);
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] != -1) {
                out.value[0] += logSumExp(logits.value, i * n, n) - logits.value[i * n + targets[i]];
            }
        }
        steps.push(() -> {
            for (int i = 0; i < targets.length; i++) {
                if (targets[i] == -1) {
                    continue;
                }
                double[] p = softmax(logits.value, i * n, n);
                p[targets[i]] -= 1;
                for (int j = 0; j < n; j++) {
                    logits.gradient[i * n + j] += out.gradient[0] * p[j];
                }
            }
        });
        return out;
    }

    private static double logSumExp(double[] x, int from, int length) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + length; i++) {
            largest = Math.max(largest, x[i]);
        }
        double sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += Math.exp(x[i] - largest);
        }
        return largest + Math.log(sum);
    }

    private static double[] softmax(double[] x, int from, int length) {
        double logSum = logSumExp(x, from, length);
        double[] p = new double[length];
        for (int i = 0; i < length; i++) {
            p[i] = Math.exp(x[from + i] - logSum);
        }
        return p;
    }

    private static void requireSameShape(Matrix a, Matrix b) {
        requireEqual(a.rows, b.rows);
        requireEqual(a.columns, b.columns);
    }

    private static void requireEqual(int a, int b) {
        if (a != b) {
            throw new IllegalArgumentException("sizes differ: %d and %d".formatted(a, b));
        }
    }
}
