'use strict';
// The picture: points (x, y, z) along the first three principal components. The plane is the space seen from the front.
/** Rectangles [left, top, right, bottom] inside a picture, none over another, kept by cells of a grid. */
class Boxes {
  constructor(width, height) {
    Object.assign(this, { width, height, cell: 24, taken: new Map() });
  }

  cells([left, top, right, bottom]) {
    const keys = [];
    for (let x = Math.floor(left / this.cell); x <= Math.floor(right / this.cell); x++) {
      for (let y = Math.floor(top / this.cell); y <= Math.floor(bottom / this.cell); y++) keys.push(x + ',' + y);
    }
    return keys;
  }

  free(box) {
    const clear = other => box[0] >= other[2] || other[0] >= box[2] || box[1] >= other[3] || other[1] >= box[3];
    return box[0] >= 2 && box[2] <= this.width - 2 && box[1] >= 2 && box[3] <= this.height - 2
      && this.cells(box).every(key => (this.taken.get(key) || []).every(clear));
  }

  take(box) {
    for (const key of this.cells(box)) this.taken.set(key, [...(this.taken.get(key) || []), box]);
  }
}

const plot = (() => {
  const { words, points, explained, near, similar } = inkling.data('plot');
  const n = words.length;
  const canvas = document.getElementById('plot');
  const pen = canvas.getContext('2d');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const screen = { x: new Float64Array(n), y: new Float64Array(n), depth: new Float64Array(n) };
  const order = Array.from(words, (_, i) => i);
  const extents = [0, 1, 2].map(extent);
  const middle = extents.map(e => e.middle);
  const radius = reach();
  let width = 0, height = 0, colours = {}, widths = [], labelled = new Set();
  let view = { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 };
  let inSpace = false, chosen = -1, hovered = -1, frame = 0, tell = () => {}, settled = () => {};

  /** Where the points lie along an axis; where a few far ones would squeeze the others, without those few. */
  function extent(axis) {
    const sorted = words.map((_, i) => points[3 * i + axis]).sort((a, b) => a - b);
    const cut = Math.floor(0.006 * n);
    const whole = sorted[n - 1] - sorted[0], most = sorted[n - 1 - cut] - sorted[cut];
    const [from, to] = whole > 1.3 * most ? [sorted[cut], sorted[n - 1 - cut]] : [sorted[0], sorted[n - 1]];
    return { middle: (from + to) / 2, half: (to - from) / 2 };
  }

  /** Distance from the middle within which nearly all points lie: a few far ones must not make the rest small. */
  function reach() {
    const distances = order.map(i => Math.hypot(points[3 * i] - middle[0], points[3 * i + 1] - middle[1], points[3 * i + 2] - middle[2]));
    return distances.sort((a, b) => a - b)[Math.floor(0.99 * (n - 1))] || 1;
  }

  function baseScale() {
    if (inSpace) return 0.46 * Math.min(width, height) / radius;
    return Math.min((width - 90) / 2 / (extents[0].half || 1), (height - 60) / 2 / (extents[1].half || 1));
  }

  function turned(x, y, z) {
    const cy = Math.cos(view.yaw), sy = Math.sin(view.yaw), cp = Math.cos(view.pitch), sp = Math.sin(view.pitch);
    const x1 = cy * x + sy * z, z1 = cy * z - sy * x;
    return [x1, cp * y - sp * z1, sp * y + cp * z1];
  }

  function onScreen(x, y, z, scale) {
    const [tx, ty, tz] = turned(x, y, z);
    const perspective = inSpace ? 1 / Math.max(0.4, 1 - 0.22 * tz / radius) : 1;
    return [width / 2 + view.x + scale * perspective * tx, height / 2 + view.y - scale * perspective * ty, tz];
  }

  function project() {
    const scale = baseScale() * view.zoom;
    for (let i = 0; i < n; i++) {
      const [x, y, depth] = onScreen(points[3 * i] - middle[0], points[3 * i + 1] - middle[1], points[3 * i + 2] - middle[2], scale);
      screen.x[i] = x;
      screen.y[i] = y;
      screen.depth[i] = depth / radius;
    }
    if (inSpace) order.sort((a, b) => screen.depth[a] - screen.depth[b]);
  }

  const inView = i => screen.x[i] > -5 && screen.x[i] < width + 5 && screen.y[i] > -5 && screen.y[i] < height + 5;
  const nearness = i => inSpace ? Math.min(1, Math.max(0, (screen.depth[i] + 1) / 2)) : 1;
  const dotSize = () => Math.min(6, (n > 1000 ? 1.7 : n > 150 ? 2.6 : 4) * (width < 500 && n > 150 ? 0.65 : 1) * Math.sqrt(view.zoom));

  function draw() {
    frame = 0;
    project();
    pen.setTransform(devicePixelRatio || 1, 0, 0, devicePixelRatio || 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    axes();
    dots();
    const shown = hovered >= 0 ? hovered : chosen;
    if (shown >= 0) spokes(shown);
    labels(shown);
  }

  /** Words beyond the edges of the picture. */
  function outside() {
    let count = 0;
    for (let i = 0; i < n; i++) count += inView(i) ? 0 : 1;
    return count;
  }

  function redraw() {
    frame = frame || requestAnimationFrame(draw);
  }

  function axes() {
    const scale = baseScale() * view.zoom, far = 1.08 * radius;
    pen.font = font(11);
    for (let axis = 0; axis < (inSpace ? 3 : 2); axis++) {
      const end = [0, 0, 0];
      end[axis] = inSpace ? far : 1e3 * radius;
      const [x0, y0] = onScreen(...end.map((value, i) => -value - (inSpace ? 0 : middle[i])), scale);
      const [x1, y1] = onScreen(...end.map((value, i) => value - (inSpace ? 0 : middle[i])), scale);
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
      pen.stroke();
      pen.fillStyle = colours.soft;
      const name = 'PC ' + (axis + 1);
      if (inSpace) text(name, x1 + 4, y1 - 4);
    }
    if (!inSpace) {
      pen.fillStyle = colours.soft;
      text('PC 1: ' + inkling.percent(explained[0]) + ' of the variance →', 10, height - 10);
      pen.save();
      pen.translate(17, height - 26);
      pen.rotate(-Math.PI / 2);
      text('PC 2: ' + inkling.percent(explained[1]) + ' →', 0, 0);
      pen.restore();
    }
  }

  const font = (size, weight = '') => weight + ' ' + size + 'px ' + colours.family;

  function text(string, x, y) {
    pen.lineWidth = 3;
    pen.lineJoin = 'round';
    pen.strokeStyle = colours.raised;
    pen.strokeText(string, x, y);
    pen.fillText(string, x, y);
  }

  function dots() {
    const size = dotSize();
    pen.fillStyle = colours.learned;
    for (const i of order) {
      if (!inView(i)) continue;
      pen.globalAlpha = (n > 300 ? 0.75 : 0.95) * (0.2 + 0.8 * nearness(i));
      pen.beginPath();
      pen.arc(screen.x[i], screen.y[i], size * (inSpace ? 0.55 + 0.75 * nearness(i) : 1), 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  function spokes(shown) {
    const size = dotSize() + 1.5;
    pen.strokeStyle = colours.accent;
    near[shown].forEach((other, rank) => {
      pen.globalAlpha = 0.9 - 0.07 * rank;
      pen.lineWidth = 1.25;
      pen.beginPath();
      pen.moveTo(screen.x[shown], screen.y[shown]);
      pen.lineTo(screen.x[other], screen.y[other]);
      pen.stroke();
    });
    pen.globalAlpha = 1;
    near[shown].forEach(other => ring(other, size));
    pen.fillStyle = colours.accent;
    pen.beginPath();
    pen.arc(screen.x[shown], screen.y[shown], size + 1, 0, 2 * Math.PI);
    pen.fill();
  }

  function ring(i, size) {
    pen.fillStyle = colours.learned;
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(screen.x[i], screen.y[i], size, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }

  /** Names, the more important first, each where it covers no other; those already there stay while the picture moves. */
  function labels(shown) {
    const important = shown < 0 ? [] : [shown, ...near[shown]];
    const size = n > 150 ? 12 : 14;
    const boxes = new Boxes(width, height), next = new Set();
    const most = Math.max(12, Math.round(width * height / 5200));
    const place = (i, isImportant) => {
      if (!inView(i) || !isImportant && inSpace && nearness(i) < 0.35) return;
      const w = widths[i] * size / 12 * (i === shown ? 1.15 : 1), h = size + 1, gap = dotSize() + 3.5;
      const x = screen.x[i], y = screen.y[i];
      const around = by => [[x + by, y - h / 2], [x - by - w, y - h / 2], [x - w / 2, y - by - h], [x - w / 2, y + by],
        [x + by, y - by - h / 2], [x + by, y + by - h / 2], [x - by - w, y - by - h / 2], [x - by - w, y + by - h / 2]];
      const corners = isImportant || n <= 150 ? [gap, gap + 7, gap + 16].flatMap(around) : around(gap).slice(0, 4);
      const corner = corners.find(([left, top]) => boxes.free([left - 2, top, left + w + 2, top + h]));
      if (!corner && i !== shown) return;
      const [left, top] = corner || corners[0];
      boxes.take([left - 2, top, left + w + 2, top + h]);
      if (corners.indexOf(corner) >= 8) leader(x, y, left + w / 2, top + h / 2, w / 2, h / 2);
      pen.font = font(size, i === shown ? '600' : '');
      pen.fillStyle = i === shown ? colours.accent : colours.ink;
      pen.globalAlpha = isImportant ? 1 : 0.3 + 0.7 * nearness(i);
      text(words[i], left, top + size - 2);
      next.add(i);
    };
    if (shown >= 0) place(shown, true);
    const bare = n > 150 ? important : order;                    // few points: no name covers any of them
    bare.forEach(i => boxes.take([screen.x[i] - 4, screen.y[i] - 4, screen.x[i] + 4, screen.y[i] + 4]));
    important.slice(1).forEach(i => place(i, true));
    const crowd = new Map();                                     // names a patch: sparse regions get theirs too
    const patch = i => Math.floor(screen.x[i] / 96) + ',' + Math.floor(screen.y[i] / 48);
    const settle = (candidates, limit) => {
      for (const i of candidates) {
        if (next.size >= most) return;
        if (next.has(i) || important.includes(i) || (crowd.get(patch(i)) || 0) >= limit) continue;
        place(i, false);
        if (next.has(i)) crowd.set(patch(i), (crowd.get(patch(i)) || 0) + 1);
      }
    };
    settle(labelled, 3);
    settle(words.keys(), 1);
    settle(words.keys(), 3);
    pen.globalAlpha = 1;
    important.forEach(i => labelled.has(i) || next.delete(i));
    labelled = next;
  }

  /** From a point to the edge of its name, where that had to go further away. */
  function leader(x, y, cx, cy, halfWidth, halfHeight) {
    const t = Math.max(0, 1 - Math.min(halfWidth / Math.abs(cx - x), halfHeight / Math.abs(cy - y)));
    pen.strokeStyle = colours.soft;
    pen.lineWidth = 0.75;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + t * (cx - x), y + t * (cy - y));
    pen.stroke();
  }

  function measure() {
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue('--' + name).trim();
    colours = { ink: colour('ink'), soft: colour('soft'), line: colour('line'), raised: colour('raised'), learned: colour('learned'),
      accent: colour('accent'), family: getComputedStyle(document.body).fontFamily };
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    canvas.width = Math.round(width * (devicePixelRatio || 1));
    canvas.height = Math.round(height * (devicePixelRatio || 1));
    pen.font = font(12);
    widths = words.map(word => pen.measureText(word).width);
    draw();
  }

  // What can be done to the picture

  function move(to, arrived = () => {}) {
    const from = { ...view }, start = performance.now();
    const glide = now => {
      const t = still.matches ? 1 : Math.min(1, (now - start) / 450), ease = t * t * (3 - 2 * t);
      for (const key of Object.keys(to)) view[key] = from[key] + ease * (to[key] - from[key]);
      if (t === 1) arrived();
      draw();
      if (t < 1) requestAnimationFrame(glide);
    };
    requestAnimationFrame(glide);
  }

  function reset() {
    const forget = () => {
      labelled.clear();                                         // what is named shall not depend on the way here
      requestAnimationFrame(settled);
    };
    move(inSpace ? { yaw: -0.55, pitch: 0.35, zoom: 1, x: 0, y: 0 } : { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 }, forget);
  }

  function turn(dx, dy) {
    view.yaw += dx;
    view.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, view.pitch + dy));
    redraw();
  }

  function pan(dx, dy) {
    view.x += dx;
    view.y += dy;
    redraw();
  }

  function zoom(factor, x = width / 2, y = height / 2) {
    const wanted = Math.max(0.5, Math.min(60, view.zoom * factor)), actual = wanted / view.zoom;
    view.x = (x - width / 2) * (1 - actual) + view.x * actual;
    view.y = (y - height / 2) * (1 - actual) + view.y * actual;
    view.zoom = wanted;
    redraw();
  }

  function choose(i) {
    chosen = i;
    hovered = -1;
    tell(i);
    redraw();
    if (i >= 0 && (screen.x[i] < 20 || screen.x[i] > width - 20 || screen.y[i] < 20 || screen.y[i] > height - 20)) {
      move({ x: view.x + width / 2 - screen.x[i], y: view.y + height / 2 - screen.y[i] });
    }
  }

  function hover(i) {
    if (i === hovered) return;
    hovered = i;
    tell(i >= 0 ? i : chosen);
    canvas.style.cursor = i >= 0 ? 'pointer' : '';
    redraw();
  }

  function nearestTo(event) {
    const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = -1, least = event.pointerType === 'touch' ? 26 : 12;
    for (let i = 0; i < n; i++) {
      const distance = Math.hypot(screen.x[i] - x, screen.y[i] - y) + (inSpace ? 3 * (1 - nearness(i)) : 0);
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }

  function show(space) {
    inSpace = space;
    if (!inSpace) order.sort((a, b) => a - b);
    reset();
  }

  new ResizeObserver(measure).observe(canvas);
  for (const media of ['(prefers-color-scheme: dark)', 'print']) matchMedia(media).addEventListener('change', measure);
  new MutationObserver(measure).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  measure();
  return { words, near, similar, explained, canvas, show, reset, turn, pan, zoom, choose, hover, nearestTo,
    outside, isSpace: () => inSpace, onTell: listener => { tell = listener; }, onSettled: listener => { settled = listener; } };
})();
