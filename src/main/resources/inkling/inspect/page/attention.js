'use strict';
// Maps of attention: a small map of each head, a large map of the chosen head, and the prompt shaded by the chosen token's attention.
import { flow } from './flow.js';

/** Unpacks the shares of AttentionPage.data: returns (layer, head, query, key) => share from 0 to 1. All four count from 0. */
export function attentionShares({ labels, heads, weights }) {
  const n = labels.length, triangle = n * (n + 1) / 2;
  const bytes = Uint8Array.from(atob(weights), c => c.charCodeAt(0));
  const values = new Uint16Array(bytes.buffer);
  return (l, h, query, key) => key > query ? 0 : values[(l * heads + h) * triangle + query * (query + 1) / 2 + key] / 65535;
}

/** Draws one head's map of n tokens, `side` CSS pixels wide and high; share(query, key) gives a number from 0 to 1. */
export function drawHead(canvas, n, side, share) {
  const pixels = flow.clear(canvas, side, side), size = side / n;
  for (let q = 0; q < n; q++) {
    for (let k = 0; k <= q; k++) {
      const p = share(q, k);
      if (p < 0.01) continue;
      pixels.fillStyle = flow.shade(p);
      pixels.fillRect(k * size, q * size, size + 0.2, size + 0.2);
    }
  }
}

/**
 * Draws the maps into attention.html. Draws them again when the theme, the medium or the size changes, until the signal is aborted.
 *
 * @param root the document, or a shadow root that holds attention.html
 * @param data the value of AttentionPage.data
 * @param onHead called as onHead(layer, head), both from 0, when a head is shown large
 */
export function drawAttention(root, data, { signal, onHead = () => {} } = {}) {
  const { labels, layers, heads, habits, layer, head } = data;
  const { element } = inkling;
  const byId = id => root.getElementById(id);
  const n = labels.length, weight = attentionShares(data);
  const at = { layer, head, query: n - 1, key: -1 };
  const canvas = byId('map');
  let left = 0, top = 0, cell = 1;

  /** The beginning of a label that fits into a width. */
  function cut(pen, text, width) {
    if (pen.measureText(text).width <= width) return text;
    let end = text.length;
    while (end > 1 && pen.measureText(text.slice(0, end) + '…').width > width) end--;
    return text.slice(0, end) + '…';
  }

  function drawLarge() {
    const width = Math.min(canvas.parentElement.clientWidth, 760);
    const room = flow.room(canvas);
    const font = getComputedStyle(document.body).fontFamily;
    let pen = canvas.getContext('2d');
    pen.font = '12px ' + font;
    const longest = Math.min(width < 480 ? 72 : 110, Math.max(...labels.map(text => pen.measureText(text).width)) + 8);
    left = Math.ceil(longest);
    top = Math.ceil(longest * 0.75 + 12);
    const beyond = 0.66 * Math.min(left - 8, pen.measureText(labels[n - 1]).width);            // how far the last, slanted name sticks out
    cell = Math.max(2, Math.min((width - left - beyond) / n, Math.max((room - top - 4) / n, 200 / n)));
    if (n < 12) cell = Math.min(cell, 52);
    pen = flow.clear(canvas, width, top + cell * n + 4);
    pen.font = '12px ' + font;
    const ink = flow.colour('ink'), soft = flow.colour('soft'), line = flow.colour('line'), accent = flow.colour('accent');
    pen.strokeStyle = line;
    pen.beginPath();
    for (let q = 0; q < n; q++) {
      pen.moveTo(left + (q + 1) * cell, top + q * cell);
      pen.lineTo(left + (q + 1) * cell, top + (q + 1) * cell);
      pen.moveTo(left + q * cell, top + q * cell);
      pen.lineTo(left + (q + 1) * cell, top + q * cell);
    }
    pen.moveTo(left, top);
    pen.lineTo(left, top + n * cell);
    pen.lineTo(left + n * cell, top + n * cell);
    pen.stroke();
    for (let q = 0; q < n; q++) {
      for (let k = 0; k <= q; k++) {
        pen.fillStyle = flow.shade(weight(at.layer, at.head, q, k));
        pen.fillRect(left + k * cell, top + q * cell, cell + (cell < 8 ? 0.3 : -1), cell + (cell < 8 ? 0.3 : -1));
      }
    }
    const every = Math.max(1, Math.ceil(13 / cell));
    pen.textBaseline = 'middle';
    for (let i = 0; i < n; i++) {
      const isQuery = i === at.query, isKey = i === at.key;
      const crowded = i % every || Math.abs(i - at.query) < every && i !== at.query;
      pen.textAlign = 'right';
      pen.fillStyle = isQuery ? accent : soft;
      if (isQuery || !crowded) pen.fillText(cut(pen, labels[i], left - 8), left - 6, top + (i + 0.5) * cell);
      if (!isKey && (i % every || at.key >= 0 && Math.abs(i - at.key) < every)) continue;
      pen.save();
      pen.translate(left + (i + 0.5) * cell, top - 6);
      pen.rotate(-0.85);
      pen.textAlign = 'left';
      pen.fillStyle = isKey ? accent : soft;
      pen.fillText(cut(pen, labels[i], left - 8), 0, 0);
      pen.restore();
    }
    pen.strokeStyle = accent;
    pen.lineWidth = 1.5;
    pen.strokeRect(left + 0.5, top + at.query * cell, (at.query + 1) * cell - 1, cell - 1);
    if (at.key >= 0) {
      pen.lineWidth = 2.5;
      pen.strokeRect(left + at.key * cell, top + at.query * cell, cell - 1, cell - 1);
    }
    pen.fillStyle = ink;
  }

  function tell() {
    const h = habits[at.layer][at.head];
    byId('title').textContent = 'Layer ' + (at.layer + 1) + ', head ' + (at.head + 1);
    byId('habit').textContent = 'This head’s habit in this text: on average, a token gives ' + inkling.percent(h.previous)
      + ' of its attention to the token just before it, ' + inkling.percent(h.self) + ' to itself, ' + inkling.percent(h.first)
      + ' to the first token, and looks ' + h.distance.toFixed(1) + ' tokens back.';
    const strongest = [...Array(at.query + 1).keys()]
      .sort((a, b) => weight(at.layer, at.head, at.query, b) - weight(at.layer, at.head, at.query, a));
    byId('readout').textContent = at.key >= 0
      ? labels[at.query] + ' (' + (at.query + 1) + ') → ' + labels[at.key] + ' (' + (at.key + 1) + '): '
        + inkling.percent(weight(at.layer, at.head, at.query, at.key))
      : labels[at.query] + ' (' + (at.query + 1) + ') looks most at ' + strongest.slice(0, 3)
        .map(k => '“' + labels[k] + '” ' + inkling.percent(weight(at.layer, at.head, at.query, k))).join(', ');
    tokens.forEach((token, i) => {
      token.classList.toggle('chosen', i === at.query);
      token.setAttribute('aria-pressed', String(i === at.query));
      token.style.setProperty('--shade', i > at.query ? 'transparent'
        : 'rgba(var(--data-rgb),' + (0.62 * Math.pow(weight(at.layer, at.head, at.query, i), 0.65)).toFixed(3) + ')');
      token.style.opacity = i > at.query ? 0.4 : 1;
    });
    for (const button of root.querySelectorAll('#heads button')) {
      button.setAttribute('aria-pressed', String(+button.dataset.layer === at.layer && +button.dataset.head === at.head));
    }
  }

  function show() {
    tell();
    drawLarge();
  }

  // The prompt

  const tokens = labels.map((label, i) => {
    const token = element('button', { type: 'button' }, label);
    byId('prompt').append(token);
    return token;
  });
  const goTo = flow.walk([tokens], (_, i) => {
    at.query = i;
    at.key = -1;
    show();
  });

  // All heads

  byId('layout').textContent = layers + (layers === 1 ? ' layer' : ' layers') + ' down, ' + heads + (heads === 1 ? ' head' : ' heads')
    + ' across. In a map, a row is a token that looks, and a column is a token that it looks at; no token can look ahead.';
  const grid = byId('heads'), columns = '1.6rem repeat(' + heads + ', minmax(0, 1fr))';
  const names = element('div', { class: 'row names', 'aria-hidden': 'true' }, element('span'));
  for (let h = 0; h < heads; h++) names.append(element('span', {}, String(h + 1)));
  names.style.gridTemplateColumns = columns;
  grid.append(names);
  const small = [];
  for (let l = 0; l < layers; l++) {
    const row = element('div', { class: 'row' }, element('span', { 'aria-hidden': 'true' }, String(l + 1)));
    row.style.gridTemplateColumns = columns;
    small.push([...Array(heads).keys()].map(h => {
      const button = element('button',
        { type: 'button', 'data-layer': l, 'data-head': h, 'aria-label': 'Layer ' + (l + 1) + ', head ' + (h + 1) },
        element('canvas'));
      row.append(button);
      return button;
    }));
    grid.append(row);
  }
  const goToHead = flow.walk(small, (l, h) => {
    at.layer = l;
    at.head = h;
    show();
    onHead(l, h);
  });

  // The large map

  function cellOf(event) {
    const box = canvas.getBoundingClientRect();
    const key = Math.floor((event.clientX - box.left - left) / cell), query = Math.floor((event.clientY - box.top - top) / cell);
    return query >= 0 && query < n && key >= 0 && key <= query ? [query, key] : null;
  }
  function point(event) {
    const found = cellOf(event);
    if (!found || found[0] === at.query && found[1] === at.key) return;
    [at.query, at.key] = found;
    show();
  }
  canvas.addEventListener('pointermove', point);
  canvas.addEventListener('pointerdown', point);
  canvas.addEventListener('keydown', event => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    at.query = Math.max(0, Math.min(n - 1, at.query + move[0]));
    at.key = Math.max(0, Math.min(at.query, (at.key < 0 ? at.query : at.key) + move[1]));
    show();
  });

  goTo(0, n - 1, false);
  goToHead(layer, head, false);
  flow.redraw(() => {
    const room = flow.room(grid);
    const below = grid.getBoundingClientRect().top >= canvas.getBoundingClientRect().bottom;    // as on a phone
    const side = Math.max(below ? 64 : 18, (room - names.offsetHeight - 6) / layers - 6);                 // small maps are square
    grid.style.maxWidth = Math.round(26 + heads * (side + 6)) + 'px';
    small.forEach((row, l) => row.forEach((button, h) => drawHead(button.firstChild, n, Math.min(96, Math.max(n, 16)),
      (q, k) => weight(l, h, q, k))));
    show();
  }, { within: canvas.parentElement, signal });
}
