package inkling.reference;

/** A row-major matrix of doubles with room for its gradient; a vector is one row. */
final class Matrix {
    final int rows;
    final int columns;
    final double[] value;
    final double[] gradient;

    Matrix(int rows, int columns, double[] value) {
        if (value.length != rows * columns) {
            throw new IllegalArgumentException("%d values cannot fill (%d, %d)".formatted(value.length, rows, columns));
        }
        this.rows = rows;
        this.columns = columns;
        this.value = value;
        this.gradient = new double[value.length];
    }

    Matrix(int rows, int columns) {
        this(rows, columns, new double[rows * columns]);
    }

    double[][] toRows() {
        double[][] out = new double[rows][columns];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(value, i * columns, out[i], 0, columns);
        }
        return out;
    }
}
