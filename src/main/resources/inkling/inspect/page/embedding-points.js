'use strict';
/**
 * Points (x, y, z) along the first three principal components, and their places in the picture. The picture has two modes: in space,
 * points can be turned and have perspective; in the plane, they are seen from the front, without perspective. `project` computes each
 * point's `x` and `y` in pixels, and its `depth`: about -1 for a far point, 1 for a near one. In space it also sorts `order`, the points'
 * indexes, from far to near.
 */
export class PointCloud {
  /** @param points the coordinates of all points, one after the other */
  constructor(points) {
    const n = points.length / 3;
    Object.assign(this, { points, n, x: new Float64Array(n), y: new Float64Array(n), depth: new Float64Array(n) });
    this.order = Array.from({ length: n }, (_, i) => i);
    this.extents = [0, 1, 2].map(axis => this.extent(axis));
    this.middle = this.extents.map(e => e.middle);
    this.radius = this.reach();
    this.view = { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 };
    this.inSpace = false;
    this.resize(0, 0);
  }

  /** The middle and half the length of the points' range along an axis, without a few far points if they would squeeze the others. */
  extent(axis) {
    const { points, n } = this;
    const sorted = Array.from({ length: n }, (_, i) => points[3 * i + axis]).sort((a, b) => a - b);
    const cut = Math.floor(0.006 * n);
    const whole = sorted[n - 1] - sorted[0], most = sorted[n - 1 - cut] - sorted[cut];
    const [from, to] = whole > 1.3 * most ? [sorted[cut], sorted[n - 1 - cut]] : [sorted[0], sorted[n - 1]];
    return { middle: (from + to) / 2, half: (to - from) / 2 };
  }

  /** The distance from the middle within which nearly all points lie. A few far points must not make the rest small. */
  reach() {
    const distances = this.order.map(i => Math.hypot(...this.fromMiddle(i)));
    return distances.sort((a, b) => a - b)[Math.floor(0.99 * (this.n - 1))] || 1;
  }

  fromMiddle(i) {
    return this.middle.map((middle, axis) => this.points[3 * i + axis] - middle);
  }

  /** Sets the size of the picture, in pixels. */
  resize(width, height) {
    Object.assign(this, { width, height });
  }

  /** How many pixels a unit along an axis takes. */
  scale() {
    const { width, height, extents, radius, view } = this;
    if (this.inSpace) return view.zoom * 0.46 * Math.min(width, height) / radius;
    return view.zoom * Math.min((width - 90) / 2 / (extents[0].half || 1), (height - 60) / 2 / (extents[1].half || 1));
  }

  turned([x, y, z]) {
    const { yaw, pitch } = this.view;
    const cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch);
    const x1 = cy * x + sy * z, z1 = cy * z - sy * x;
    return [x1, cp * y - sp * z1, sp * y + cp * z1];
  }

  /** The [x, y, depth] of a point in the picture: x and y in pixels, depth in units of the axes. `point` is relative to `middle`. */
  onScreen(point, scale) {
    const { width, height, view, radius } = this;
    const [x, y, z] = this.turned(point);
    const perspective = this.inSpace ? 1 / Math.max(0.4, 1 - 0.22 * z / radius) : 1;
    return [width / 2 + view.x + scale * perspective * x, height / 2 + view.y - scale * perspective * y, z];
  }

  project() {
    const scale = this.scale();
    for (let i = 0; i < this.n; i++) {
      const [x, y, depth] = this.onScreen(this.fromMiddle(i), scale);
      this.x[i] = x;
      this.y[i] = y;
      this.depth[i] = depth / this.radius;
    }
    if (this.inSpace) this.order.sort((a, b) => this.depth[a] - this.depth[b]);
  }

  /** Chooses the mode: in space, or in the plane. */
  show(inSpace) {
    this.inSpace = inSpace;
    if (!inSpace) this.order.sort((a, b) => a - b);
  }

  isInView(i) {
    return this.x[i] > -5 && this.x[i] < this.width + 5 && this.y[i] > -5 && this.y[i] < this.height + 5;
  }

  /** From 0 for a far point to 1 for a near one; in the plane, 1 for all points. */
  nearness(i) {
    return this.inSpace ? Math.min(1, Math.max(0, (this.depth[i] + 1) / 2)) : 1;
  }
}
