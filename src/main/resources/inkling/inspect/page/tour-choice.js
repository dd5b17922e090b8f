'use strict';
// Stops 8 to 11 of the tour: all logits, the probabilities at a temperature, tokens drawn with them, and the text that the model wrote.
(() => {
  const { names, labels, steps } = tour;
  const { element, flow } = inkling;
  const byId = id => document.getElementById(id);
  const SHOWN = 12;
  const logits = new Float32Array(Uint8Array.from(atob(tour.logits), c => c.charCodeAt(0)).buffer);
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b);
  const slider = byId('temperature');
  let p = [];                                               // probabilities at the slider's temperature, by id
  const drawn = new Map();

  function histogram() {
    const svg = byId('histogram'), wide = Math.max(280, svg.clientWidth || 900), make = (name, attributes, text) => {
      const e = document.createElementNS(svg.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
      if (text !== undefined) e.textContent = text;
      return svg.appendChild(e);
    };
    svg.setAttribute('viewBox', '0 0 ' + wide + ' 190');
    svg.replaceChildren();
    const most = logits[order[0]], least = logits[order[order.length - 1]], bins = Math.min(60, Math.round(wide / 9));
    const counts = Array(bins).fill(0);
    const bin = z => Math.min(bins - 1, Math.floor((z - least) / (most - least || 1) * bins));
    logits.forEach(z => { counts[bin(z)]++; });
    const highest = Math.max(...counts);
    counts.forEach((count, i) => {
      const h = count ? Math.max(1.5, 130 * count / highest) : 0;
      make('rect', { x: (i + 0.07) * wide / bins, y: 160 - h, width: 0.86 * wide / bins, height: h });
    });
    for (let i = 0; i <= 4; i++) {
      const anchor = i === 0 ? 'start' : i === 4 ? 'end' : 'middle';
      make('text', { x: Math.min(wide - 2, Math.max(2, i * wide / 4)), y: 180, 'text-anchor': anchor },
        (least + (most - least) * i / 4).toFixed(1).replace('-', '−'));
    }
    // the label, taken as 160 wide, stands higher than the bars under it; an arrow points from it down to the last bar
    const tip = wide * (1 - 0.5 / bins), below = Math.max(...counts.slice(-Math.ceil(160 / wide * bins)));
    const top = 150 - 130 * below / highest;
    make('path', { d: `M${tip} ${top + 6}V156M${tip - 4} 151L${tip} 156L${tip + 4} 151` });
    make('text', { x: wide - 2, y: top, 'text-anchor': 'end' }, 'highest: ' + names[order[0]]);
  }

  function scores() {
    const low = logits[order[SHOWN]] ?? logits[order[order.length - 1]], span = logits[order[0]] - low || 1;
    flow.bars(byId('scores'), order.slice(0, SHOWN).map(id => ({ label: names[id], share: 0.06 + 0.94 * (logits[id] - low) / span,
      figure: inkling.decimal(logits[id], 2) })));
  }

  function softmax(t) {
    if (t === 0) {
      p = Array.from(logits, (_, id) => id === order[0] ? 1 : 0);
      return;
    }
    const top = logits[order[0]], weights = Float64Array.from(logits, z => Math.exp((z - top) / t));
    const sum = weights.reduce((a, b) => a + b, 0);
    p = Array.from(weights, w => w / sum);
  }

  function rows() {
    const list = order.slice(0, SHOWN).map(id => ({ label: names[id], share: p[id], figure: inkling.percent(p[id]),
      data: { id, p: p[id] } }));
    const rest = order.slice(SHOWN);
    if (rest.length) {
      const sum = rest.reduce((a, id) => a + p[id], 0);
      // The row has no bar: beside the bars of single tokens, one bar for so many tokens would mislead.
      list.push({ label: rest.length.toLocaleString('en') + ' others', share: 0, figure: inkling.percent(sum), data: { p: sum } });
    }
    return list;
  }

  function shape() {
    const t = Number(slider.value);
    softmax(t);
    byId('temperature-value').textContent = t.toFixed(2);
    const bits = p.reduce((a, q) => a - (q > 0 ? q * Math.log2(q) : 0), 0);
    byId('shape').textContent = t === 0 ? 'All on the highest score: no choice is left.' : 'Entropy ' + bits.toFixed(2)
      + ' bits: as open as a choice among ' + (2 ** bits).toFixed(1) + ' equally likely tokens.';
    flow.bars(byId('odds'), rows());
    forget();
  }

  function draw() {
    let u = Math.random(), last = order[0];
    for (const id of order) {
      if (p[id] === 0) continue;
      last = id;
      u -= p[id];
      if (u < 0) break;
    }
    drawn.set(last, (drawn.get(last) ?? 0) + 1);
    return last;
  }

  function tell(last) {
    const total = [...drawn.values()].reduce((a, b) => a + b, 0);
    byId('drawn').textContent = total === 0 ? 'Nothing drawn yet.' : 'Drawn: ' + names[last] + ', with probability '
      + inkling.percent(p[last])
      + (total > 1 ? '; ' + total.toLocaleString('en') + ' draws so far' : '');
    const found = [...drawn].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
    flow.bars(byId('counts'),
      found.map(([id, count]) => ({ label: names[id], share: count / total, figure: count + ' of ' + total, chosen: id === last })));
  }

  function forget() {
    drawn.clear();
    tell(-1);
  }

  byId('draw').addEventListener('click', () => tell(draw()));
  byId('draw-many').addEventListener('click', () => {
    let last = -1;
    for (let i = 0; i < 100; i++) last = draw();
    tell(last);
  });
  byId('forget').addEventListener('click', forget);
  slider.addEventListener('input', shape);

  // Stop 11: the text grows

  let written = 0;
  const plain = label => label.replace(/␣/g, ' ').replace(/\\n/g, '\n');

  function write() {
    byId('written').replaceChildren(element('span', { class: 'given' }, plain(labels.join(''))),
      ...steps.slice(0, written).map((step, i) => element('span', i === written - 1 ? { class: 'new' } : {}, plain(step.label))));
    const step = steps[Math.max(0, written - 1)];
    byId('next').disabled = byId('all').disabled = written === steps.length;
    const shown = written === 0 || !step ? [] : step.top.some(([id]) => id === step.id) ? step.top : [...step.top, [step.id, step.p]];
    flow.bars(byId('choice'),
      shown.map(([id, q]) => ({ label: names[id], share: q, figure: inkling.percent(q), chosen: id === step.id })));
  }
  byId('next').addEventListener('click', () => { written++; write(); });
  byId('all').addEventListener('click', () => { written = steps.length; write(); });
  byId('again').addEventListener('click', () => { written = 0; write(); });

  const watcher = new IntersectionObserver(entries => entries.forEach(entry => {
    if (!entry.isIntersecting) return;
    for (const link of document.querySelectorAll('.stops a')) {
      link.classList.toggle('here', link.getAttribute('href') === '#' + entry.target.id);
    }
  }), { rootMargin: '-15% 0px -75% 0px' });
  for (const stop of document.querySelectorAll('.stop')) watcher.observe(stop);
  flow.redraw(histogram);
  scores();
  shape();
  write();
})();
