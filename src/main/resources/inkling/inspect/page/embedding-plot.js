'use strict';
// The picture of the words: dots, axes, names, and the actions on the picture (turn, zoom, choose).
import { Boxes } from './embedding-boxes.js';
import { PointCloud } from './embedding-points.js';

const plot = (() => {
  const { words, points, explained, near, cosines } = inkling.data('plot');
  const n = words.length;
  const canvas = document.getElementById('plot');
  const pen = canvas.getContext('2d');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const cloud = new PointCloud(points);
  const { order, middle, radius, view } = cloud;
  let width = 0, height = 0, colours = {}, widths = [], labelled = new Set();
  let chosen = -1, hovered = -1, frame = 0, onShown = () => {}, onDrawn = () => {};

  const dotSize = () => Math.min(6, (n > 1000 ? 1.7 : n > 150 ? 2.6 : 4) * (width < 500 && n > 150 ? 0.65 : 1) * Math.sqrt(view.zoom));

  function draw() {
    frame = 0;
    cloud.project();
    pen.setTransform(devicePixelRatio || 1, 0, 0, devicePixelRatio || 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    axes();
    dots();
    const shown = hovered >= 0 ? hovered : chosen;
    if (shown >= 0) spokes(shown);
    labels(shown);
    onDrawn();
  }

  /** How many words lie beyond the edges of the picture. */
  function outside() {
    let count = 0;
    for (let i = 0; i < n; i++) count += cloud.isInView(i) ? 0 : 1;
    return count;
  }

  function redraw() {
    frame = frame || requestAnimationFrame(draw);
  }

  function axes() {
    const scale = cloud.scale(), far = 1.08 * radius;
    pen.font = font(11);
    for (let axis = 0; axis < (cloud.inSpace ? 3 : 2); axis++) {
      const end = [0, 0, 0];
      end[axis] = cloud.inSpace ? far : 1e3 * radius;
      const [x0, y0] = cloud.onScreen(end.map((value, i) => -value - (cloud.inSpace ? 0 : middle[i])), scale);
      const [x1, y1] = cloud.onScreen(end.map((value, i) => value - (cloud.inSpace ? 0 : middle[i])), scale);
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
      pen.stroke();
      pen.fillStyle = colours.soft;
      const name = String(axis + 1);
      if (cloud.inSpace) text(name, x1 + 4, y1 - 4);
    }
    if (!cloud.inSpace) {
      pen.fillStyle = colours.soft;
      text('direction 1: ' + inkling.percent(explained[0]) + ' of the spread →', 10, height - 10);
      pen.save();
      pen.translate(17, height - 26);
      pen.rotate(-Math.PI / 2);
      text('direction 2: ' + inkling.percent(explained[1]) + ' →', 0, 0);
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
      if (!cloud.isInView(i)) continue;
      pen.globalAlpha = (n > 300 ? 0.75 : 0.95) * (0.2 + 0.8 * cloud.nearness(i));
      pen.beginPath();
      pen.arc(cloud.x[i], cloud.y[i], size * (cloud.inSpace ? 0.55 + 0.75 * cloud.nearness(i) : 1), 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  /** Draws lines from the word shown to its nearest words, and rings around the nearest words. */
  function spokes(shown) {
    const size = dotSize() + 1.5;
    pen.strokeStyle = colours.accent;
    near[shown].forEach((other, rank) => {
      pen.globalAlpha = 0.9 - 0.07 * rank;
      pen.lineWidth = 1.25;
      pen.beginPath();
      pen.moveTo(cloud.x[shown], cloud.y[shown]);
      pen.lineTo(cloud.x[other], cloud.y[other]);
      pen.stroke();
    });
    pen.globalAlpha = 1;
    near[shown].forEach(other => ring(other, size));
    pen.fillStyle = colours.accent;
    pen.beginPath();
    pen.arc(cloud.x[shown], cloud.y[shown], size + 1, 0, 2 * Math.PI);
    pen.fill();
  }

  function ring(i, size) {
    pen.fillStyle = colours.learned;
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(cloud.x[i], cloud.y[i], size, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }

  /**
   * Draws names, the more important first, where they cover no other name. Names that are in the picture already come before
   * new names, so that they stay while the picture moves.
   */
  function labels(shown) {
    const important = shown < 0 ? [] : [shown, ...near[shown]];
    const size = n > 150 ? 12 : 14;
    const boxes = new Boxes(width, height), next = new Set();
    const most = Math.max(12, Math.round(width * height / 5200));
    const place = (i, isImportant) => {
      if (!cloud.isInView(i) || !isImportant && cloud.inSpace && cloud.nearness(i) < 0.35) return;
      const w = widths[i] * size / 12 * (i === shown ? 1.15 : 1), h = size + 1, gap = dotSize() + 3.5;
      const x = cloud.x[i], y = cloud.y[i];
      const around = by => [[x + by, y - h / 2], [x - by - w, y - h / 2], [x - w / 2, y - by - h], [x - w / 2, y + by],
        [x + by, y - by - h / 2], [x + by, y + by - h / 2], [x - by - w, y - by - h / 2], [x - by - w, y + by - h / 2]];
      const corners = isImportant || n <= 150 ? [gap, gap + 7, gap + 16].flatMap(around) : around(gap).slice(0, 4);
      const corner = corners.find(([left, top]) => boxes.fits([left - 2, top, left + w + 2, top + h]));
      if (!corner && i !== shown) return;
      const [left, top] = corner || corners[0];
      boxes.take([left - 2, top, left + w + 2, top + h]);
      if (corners.indexOf(corner) >= 8) leader(x, y, left + w / 2, top + h / 2, w / 2, h / 2);
      pen.font = font(size, i === shown ? '600' : '');
      pen.fillStyle = i === shown ? colours.accent : colours.ink;
      pen.globalAlpha = isImportant ? 1 : 0.3 + 0.7 * cloud.nearness(i);
      text(words[i], left, top + size - 2);
      next.add(i);
    };
    if (shown >= 0) place(shown, true);
    const uncovered = n > 150 ? important : order;               // points that the names placed from here on must not cover
    uncovered.forEach(i => boxes.take([cloud.x[i] - 4, cloud.y[i] - 4, cloud.x[i] + 4, cloud.y[i] + 4]));
    important.slice(1).forEach(i => place(i, true));
    const crowd = new Map();                                     // how many names each patch has: a limit leaves names for sparse ones
    const patch = i => Math.floor(cloud.x[i] / 96) + ',' + Math.floor(cloud.y[i] / 48);
    const placeWhereFree = (candidates, limit) => {
      for (const i of candidates) {
        if (next.size >= most) return;
        if (next.has(i) || important.includes(i) || (crowd.get(patch(i)) || 0) >= limit) continue;
        place(i, false);
        if (next.has(i)) crowd.set(patch(i), (crowd.get(patch(i)) || 0) + 1);
      }
    };
    placeWhereFree(labelled, 3);
    placeWhereFree(words.keys(), 1);
    placeWhereFree(words.keys(), 3);
    pen.globalAlpha = 1;
    important.forEach(i => labelled.has(i) || next.delete(i));
    labelled = next;
  }

  /** Draws a line from a point to the edge of its name, for a name that is not right beside its point. */
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
    cloud.resize(width, height);
    canvas.width = Math.round(width * (devicePixelRatio || 1));
    canvas.height = Math.round(height * (devicePixelRatio || 1));
    pen.font = font(12);
    widths = words.map(word => pen.measureText(word).width);
    draw();
  }

  // Actions on the picture

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
    const forget = () => labelled.clear();                      // the choice of names must not depend on earlier views
    move(cloud.inSpace ? { yaw: -0.55, pitch: 0.35, zoom: 1, x: 0, y: 0 } : { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 }, forget);
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
    onShown(i);
    redraw();
    if (i >= 0 && (cloud.x[i] < 20 || cloud.x[i] > width - 20 || cloud.y[i] < 20 || cloud.y[i] > height - 20)) {
      move({ x: view.x + width / 2 - cloud.x[i], y: view.y + height / 2 - cloud.y[i] });
    }
  }

  function hover(i) {
    if (i === hovered) return;
    hovered = i;
    onShown(i >= 0 ? i : chosen);
    canvas.style.cursor = i >= 0 ? 'pointer' : '';
    redraw();
  }

  function nearestTo(event) {
    const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = -1, least = event.pointerType === 'touch' ? 26 : 12;
    for (let i = 0; i < n; i++) {
      const distance = Math.hypot(cloud.x[i] - x, cloud.y[i] - y) + (cloud.inSpace ? 3 * (1 - cloud.nearness(i)) : 0);
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }

  function show(space) {
    cloud.show(space);
    reset();
  }

  new ResizeObserver(measure).observe(canvas);
  for (const media of ['(prefers-color-scheme: dark)', 'print']) matchMedia(media).addEventListener('change', measure);
  new MutationObserver(measure).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  measure();
  return { words, near, cosines, explained, canvas, show, reset, turn, pan, zoom, choose, hover, nearestTo,
    outside, isSpace: () => cloud.inSpace, onShown: listener => { onShown = listener; },
    onDrawn: listener => { onDrawn = listener; } };
})();
