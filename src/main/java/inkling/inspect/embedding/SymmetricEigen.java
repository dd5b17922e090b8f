package inkling.inspect.embedding;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * All eigenvalues of a small symmetric matrix, largest first, and their eigenvectors as rows. They are computed by cyclic Jacobi rotations
 * (Golub and Van Loan, Matrix Computations, 8.5).
 */
record SymmetricEigen(double[] values, double[][] vectors) {
    private static final int MOST_SWEEPS = 60;

    static SymmetricEigen of(double[][] symmetric) {
        int m = symmetric.length;
        double[][] a = new double[m][];
        double[][] vectors = new double[m][m];
        for (int i = 0; i < m; i++) {
            a[i] = symmetric[i].clone();
            vectors[i][i] = 1;
        }
        for (int sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a) > 0; sweep++) {
            for (int p = 0; p < m - 1; p++) {
                for (int q = p + 1; q < m; q++) {
                    rotate(a, vectors, p, q);
                }
            }
        }
        Integer[] order = IntStream.range(0, m).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -a[i][i]));
        return new SymmetricEigen(Arrays.stream(order).mapToDouble(i -> a[i][i]).toArray(),
            Arrays.stream(order).map(i -> vectors[i]).toArray(double[][]::new));
    }

    private static double offDiagonal(double[][] a) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += Math.abs(a[i][j]);
            }
        }
        return sum;
    }

    /** Rotates {@code a} in the plane of axes p and q so that a[p][q] becomes 0. */
    private static void rotate(double[][] a, double[][] vectors, int p, int q) {
        double off = a[p][q];
        if (Math.abs(off) <= 1e-17 * (Math.abs(a[p][p]) + Math.abs(a[q][q]))) {
            a[p][q] = 0;
            a[q][p] = 0;
            return;
        }
        double theta = (a[q][q] - a[p][p]) / (2 * off);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
        double c = 1 / Math.hypot(t, 1);
        double s = t * c;
        for (int k = 0; k < a.length; k++) {
            double kp = a[k][p];
            double kq = a[k][q];
            a[k][p] = c * kp - s * kq;
            a[k][q] = s * kp + c * kq;
        }
        for (int k = 0; k < a.length; k++) {
            double pk = a[p][k];
            double qk = a[q][k];
            a[p][k] = c * pk - s * qk;
            a[q][k] = s * pk + c * qk;
            double vp = vectors[p][k];
            double vq = vectors[q][k];
            vectors[p][k] = c * vp - s * vq;
            vectors[q][k] = s * vp + c * vq;
        }
    }
}
