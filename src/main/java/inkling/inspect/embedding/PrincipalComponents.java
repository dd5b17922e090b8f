package inkling.inspect.embedding;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Principal component analysis: the directions in which points vary most, and the points' coordinates along them.
 *
 * <p>The directions are eigenvectors of the covariance matrix. If there are no more points than dimensions, they are computed from the
 * eigenvectors of the Gram matrix (the dot products of the centred points). Eigenvectors are found in double precision by block power
 * iteration with Rayleigh–Ritz (Golub and Van Loan, Matrix Computations, 8.2).
 *
 * <p>The result is deterministic. The iteration starts from a fixed seed, and each direction has the sign that makes its largest
 * coefficient (by absolute value) positive.
 *
 * @param coordinates (n, k), the points' coordinates along the directions, measured from the points' mean
 * @param explained (k), the share of the total variance along each direction, in falling order
 */
public record PrincipalComponents(double[][] coordinates, double[] explained) {
    private static final int EXTRA_DIRECTIONS = 8;             // iterated beside the k wanted directions, to speed convergence
    private static final int MOST_ROUNDS = 2_000;
    private static final double TOLERANCE = 1e-9;

    /** The {@code k} principal components of {@code points} (n, d); components beyond the rank of the centred points are 0. */
    public static PrincipalComponents of(float[][] points, int k) {
        if (points.length == 0 || k < 1) {
            throw new IllegalArgumentException("%d components of %d points".formatted(k, points.length));
        }
        double[][] centred = centred(points);
        int n = centred.length;
        int d = centred[0].length;
        double[][] axes = n > d ? topEigenvectors(products(transposed(centred)), k)
            : times(topEigenvectors(products(centred), k), centred);          // (k, n) times (n, d): the axes, not yet scaled to length 1
        double variance = 0;
        for (double[] row : centred) {
            variance += dot(row, row);
        }
        double[][] coordinates = new double[n][k];
        double[] explained = new double[k];
        for (int component = 0; component < axes.length; component++) {
            double[] axis = axes[component];
            double length = Math.sqrt(dot(axis, axis));
            if (length * length <= 1e-18 * variance || length == 0) {
                continue;
            }
            double factor = sign(axis) / length;
            double spread = 0;
            for (int i = 0; i < n; i++) {
                coordinates[i][component] = factor * dot(centred[i], axis);
                spread += coordinates[i][component] * coordinates[i][component];
            }
            explained[component] = spread / variance;
        }
        return new PrincipalComponents(coordinates, explained);
    }

    private static double sign(double[] axis) {
        double largest = 0;
        for (double value : axis) {
            if (Math.abs(value) > Math.abs(largest) * (1 + 1e-9)) {
                largest = value;
            }
        }
        return largest < 0 ? -1 : 1;
    }

    private static double[][] centred(float[][] points) {
        int d = points[0].length;
        double[] mean = new double[d];
        for (float[] point : points) {
            for (int j = 0; j < d; j++) {
                mean[j] += point[j] / (double) points.length;
            }
        }
        double[][] centred = new double[points.length][d];
        for (int i = 0; i < points.length; i++) {
            for (int j = 0; j < d; j++) {
                centred[i][j] = points[i][j] - mean[j];
            }
        }
        return centred;
    }

    /** The dot products of all pairs of rows of {@code a} (m, w), as a symmetric matrix (m, m). */
    private static double[][] products(double[][] a) {
        double[][] products = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j <= i; j++) {
                products[i][j] = dot(a[i], a[j]);
                products[j][i] = products[i][j];
            }
        }
        return products;
    }

    /** The min(k, m) eigenvectors with the largest eigenvalues, as rows; {@code s} (m, m) is positive semi-definite. */
    private static double[][] topEigenvectors(double[][] s, int k) {
        int m = s.length;
        int wanted = Math.min(k, m);
        SplittableRandom random = new SplittableRandom(1);
        double[][] basis = new double[Math.min(m, k + EXTRA_DIRECTIONS)][m];
        for (double[] row : basis) {
            for (int j = 0; j < m; j++) {
                row[j] = random.nextDouble() - 0.5;
            }
        }
        orthonormalise(basis);
        for (int round = 0; ; round++) {
            double[][] image = times(basis, s);                          // the rows S·b, for each row b of the basis
            SymmetricEigen small = SymmetricEigen.of(times(image, transposed(basis)));
            double[][] ritz = times(small.vectors(), basis);
            double[][] ritzImage = times(small.vectors(), image);
            if (round == MOST_ROUNDS || residual(ritz, ritzImage, small.values(), wanted) <= TOLERANCE * Math.abs(small.values()[0])) {
                return Arrays.copyOf(ritz, wanted);
            }
            basis = ritzImage;
            orthonormalise(basis);
        }
    }

    private static double residual(double[][] vectors, double[][] images, double[] values, int wanted) {
        double worst = 0;
        for (int i = 0; i < wanted; i++) {
            double sum = 0;
            for (int j = 0; j < vectors[i].length; j++) {
                double difference = images[i][j] - values[i] * vectors[i][j];
                sum += difference * difference;
            }
            worst = Math.max(worst, Math.sqrt(sum));
        }
        return worst;
    }

    /** Gram–Schmidt, twice for accuracy. A row that depends linearly on the rows before it becomes 0. */
    private static void orthonormalise(double[][] rows) {
        for (int i = 0; i < rows.length; i++) {
            double before = Math.sqrt(dot(rows[i], rows[i]));
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < i; j++) {
                    double overlap = dot(rows[i], rows[j]);
                    for (int c = 0; c < rows[i].length; c++) {
                        rows[i][c] -= overlap * rows[j][c];
                    }
                }
            }
            double length = Math.sqrt(dot(rows[i], rows[i]));
            double factor = length <= 1e-12 * before || length == 0 ? 0 : 1 / length;
            for (int c = 0; c < rows[i].length; c++) {
                rows[i][c] *= factor;
            }
        }
    }

    /** (p, q) × (q, r) -> (p, r). */
    private static double[][] times(double[][] a, double[][] b) {
        double[][] product = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                double factor = a[i][j];
                for (int c = 0; c < b[j].length; c++) {
                    product[i][c] += factor * b[j][c];
                }
            }
        }
        return product;
    }

    private static double[][] transposed(double[][] a) {
        double[][] transposed = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                transposed[j][i] = a[i][j];
            }
        }
        return transposed;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
