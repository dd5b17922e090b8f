'use strict';
// Draws the loss against the number of tokens seen. The axis of tokens is linear or logarithmic.
(() => {
  const { loss, smooth, smoothError } = inkling.data('context');
  const { flow } = inkling;
  const svg = document.getElementById('curve'), readout = document.getElementById('readout');
  const n = loss.length;
  let at = -1, geometry = null;

  const make = (name, attributes, text) => {
    const e = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    if (text !== undefined) e.textContent = text;
    return svg.appendChild(e);
  };

  function ticks(least, most, wanted) {
    const rough = (most - least) / wanted, power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find(m => m * power >= rough);
    const found = [];
    for (let i = Math.ceil(least / step); i * step <= most; i++) found.push(Number((i * step).toPrecision(12)));
    return found;
  }

  function draw() {
    const width = Math.max(320, svg.parentElement.clientWidth), height = width < 600 ? 300 : 400;
    const left = 46, right = width - 14, top = 12, bottom = height - 44;
    const log = document.querySelector('input[name="axis"]:checked').value === 'log';
    const band = i => 2 * (smoothError[i] ?? 0);
    const ends = smooth.flatMap((v, i) => [v - band(i), v + band(i), loss[i]]), least = Math.min(...ends), most = Math.max(...ends);
    const pad = 0.06 * (most - least || 1);
    const share = c => log ? Math.log(c) / Math.log(Math.max(2, n)) : (c - 1) / Math.max(1, n - 1);
    const x = c => left + share(c) * (right - left);
    const y = v => bottom - (v - least + pad) / (most - least + 2 * pad) * (bottom - top);
    geometry = { x, y, left, right, top, bottom, log, width };
    svg.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
    svg.replaceChildren();
    for (const v of ticks(least - pad, most + pad, height / 60)) {
      make('path', { class: 'grid', d: 'M' + left + ' ' + y(v) + 'H' + right });
      make('text', { x: left - 8, y: y(v) + 4, 'text-anchor': 'end' }, String(v).replace('-', '−'));
    }
    const marks = log ? [...Array(31).keys()].map(i => 2 ** i).filter(c => c <= n) : ticks(1, n, width / 90);
    for (const c of marks) make('text', { x: x(c), y: bottom + 18, 'text-anchor': 'middle' }, c);
    make('text', { x: left + 6, y: top + 6 }, 'loss, nats per token');
    make('text', { x: (left + right) / 2, y: height - 6, 'text-anchor': 'middle' }, 'tokens seen before the one predicted');
    const path = points => points.map(([a, b], i) => (i ? 'L' : 'M') + a.toFixed(1) + ' ' + b.toFixed(1)).join('');
    if (smoothError[0] !== null) {
      make('path', { class: 'band', d: path([...smooth.map((v, i) => [x(i + 1), y(v + band(i))]),
        ...smooth.map((v, i) => [x(i + 1), y(v - band(i))]).reverse()]) + 'Z' });
    }
    loss.forEach((v, i) => make('circle', { class: 'each', cx: x(i + 1).toFixed(1), cy: y(v).toFixed(1), r: n > 300 ? 1 : 1.6 }));
    make('path', { class: 'smooth', d: path(smooth.map((v, i) => [x(i + 1), y(v)])) });
    if (at >= 0) {
      make('path', { class: 'cursor', d: 'M' + x(at + 1) + ' ' + top + 'V' + bottom });
      make('circle', { class: 'dot', cx: x(at + 1), cy: y(smooth[at]), r: 4.5 });
    }
    readout.textContent = at < 0 ? 'Point at the curve, or use the arrow keys.' : (at + 1).toLocaleString('en')
      + (at ? ' tokens' : ' token') + ' seen: ' + smooth[at].toFixed(3) + ' nats'
      + (smoothError[at] === null ? '' : ' ± ' + band(at).toFixed(3))
      + ' on average (a choice among ' + Math.exp(smooth[at]).toFixed(1) + ' equally likely tokens)'
      + '; ' + loss[at].toFixed(3) + ' at exactly this number';
  }

  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect(), px = (event.clientX - box.left) / box.width * geometry.width;
    const share = Math.max(0, Math.min(1, (px - geometry.left) / (geometry.right - geometry.left)));
    const count = geometry.log ? Math.exp(share * Math.log(Math.max(2, n))) : 1 + share * (n - 1);
    at = Math.max(0, Math.min(n - 1, Math.round(count) - 1));
    draw();
  });
  svg.addEventListener('keydown', event => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    at = Math.max(0, Math.min(n - 1, at + by));
    draw();
  });
  for (const radio of document.querySelectorAll('input[name="axis"]')) radio.addEventListener('change', draw);
  flow.redraw(draw);
})();
