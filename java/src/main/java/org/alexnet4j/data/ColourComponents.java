package org.alexnet4j.data;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The principal components of RGB pixels, by falling eigenvalue (paper, section 4.1).
 *
 * @param eigenvalues of the covariance of grey levels 0 to 255
 * @param vectors vectors[j] is the unit eigenvector of eigenvalues[j] in the order red, green,
 *     blue; its entry of largest size is positive
 */
public record ColourComponents(double[] eigenvalues, double[][] vectors) {
  private static final int SWEEPS = 50;

  /** Computes them by Jacobi's rotations; the same bits on every machine. */
  static ColourComponents of(double[][] covariance) {
    double[][] a = new double[3][];
    for (int i = 0; i < 3; i++) {
      a[i] = covariance[i].clone();
    }
    double[][] v = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      rotate(a, v, 0, 1);
      rotate(a, v, 0, 2);
      rotate(a, v, 1, 2);
    }
    Integer[] order = {0, 1, 2};
    Arrays.sort(order, Comparator.comparingDouble(j -> -a[j][j]));
    double[] values = new double[3];
    double[][] vectors = new double[3][3];
    for (int j = 0; j < 3; j++) {
      values[j] = Math.max(0, a[order[j]][order[j]]);
      int largest = 0;
      for (int c = 0; c < 3; c++) {
        vectors[j][c] = v[c][order[j]];
        largest = Math.abs(vectors[j][c]) > Math.abs(vectors[j][largest]) ? c : largest;
      }
      double sign = Math.signum(vectors[j][largest]);
      for (int c = 0; c < 3; c++) {
        vectors[j][c] *= sign;
      }
    }
    return new ColourComponents(values, vectors);
  }

  /** Makes a[p][q] zero by a rotation of the axes p and q. */
  private static void rotate(double[][] a, double[][] v, int p, int q) {
    if (a[p][q] == 0) {
      return;
    }
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double cosine = 1 / Math.sqrt(t * t + 1);
    double sine = t * cosine;
    for (int k = 0; k < 3; k++) {
      double kp = a[k][p];
      double kq = a[k][q];
      a[k][p] = cosine * kp - sine * kq;
      a[k][q] = sine * kp + cosine * kq;
    }
    for (int k = 0; k < 3; k++) {
      double pk = a[p][k];
      double qk = a[q][k];
      a[p][k] = cosine * pk - sine * qk;
      a[q][k] = sine * pk + cosine * qk;
    }
    for (int k = 0; k < 3; k++) {
      double kp = v[k][p];
      double kq = v[k][q];
      v[k][p] = cosine * kp - sine * kq;
      v[k][q] = sine * kp + cosine * kq;
    }
  }

  /** {@return the noise that the paper makes of them} */
  public ColourNoise noise() {
    double[] deviations = new double[3];
    for (int j = 0; j < 3; j++) {
      deviations[j] = Math.sqrt(eigenvalues[j]);
    }
    return new ColourNoise(deviations, vectors, ColourNoise.PAPER_SCALE);
  }
}
