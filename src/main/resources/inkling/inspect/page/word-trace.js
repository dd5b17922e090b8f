'use strict';
// Two paths of one word, the distance between them as a staircase, and a table; a layer chosen in one is marked in all.
(() => {
  const { contexts, names, paths, layers } = inkling.data('trace');
  const { element, flow } = inkling;
  const byId = id => document.getElementById(id);
  const last = layers.length - 1;
  let chosen = last;

  contexts.forEach((context, i) => context.labels.forEach((label, t) => byId('context-' + i)
    .append(element('span', { class: t === context.position ? 'tok chosen' : 'tok' }, label))));

  const maker = svg => (name, attributes, text) => {
    const e = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    if (text !== undefined) e.textContent = text;
    return svg.appendChild(e);
  };

  function drawPaths() {
    const svg = byId('paths'), make = maker(svg);
    svg.replaceChildren();
    const all = paths.flat(), xs = all.map(p => p[0]), ys = all.map(p => p[1]);
    const least = [Math.min(...xs), Math.min(...ys)], span = [Math.max(...xs) - least[0] || 1, Math.max(...ys) - least[1] || 1];
    const scale = Math.min(440 / span[0], 300 / span[1]);
    const at = p => [30 + (p[0] - least[0]) * scale + (440 - span[0] * scale) / 2, 330 - (p[1] - least[1]) * scale - (300 - span[1] * scale) / 2];
    layers.forEach((_, l) => {
      const [a, b] = [at(paths[0][l]), at(paths[1][l])];
      make('path', { class: l === chosen ? 'gap chosen' : 'gap', d: 'M' + a.join(' ') + 'L' + b.join(' ') });
    });
    make('text', { x: 8, y: 355 }, 'across, up: the two directions in which the vectors differ most');
    paths.forEach((path, i) => {
      make('path', { class: 'ab'[i], d: path.map((p, l) => (l ? 'L' : 'M') + at(p).map(v => v.toFixed(1)).join(' ')).join('') });
      path.forEach((p, l) => {
        const [x, y] = at(p);
        make('circle', { cx: x, cy: y, r: l === chosen ? 6 : 3.5, class: (i ? 'of-b' : '') + (l === chosen ? ' chosen' : '') });
        if (l === chosen || l === 0 && i === 0 || l === last) {
          make('text', { x: x + (x > 430 ? -9 : 9), y: y + (l === 0 && i === 0 ? 20 : i ? 16 : -8), 'text-anchor': x > 430 ? 'end' : 'start', class: l === last ? 'strong' : '' },
            l === last ? (i ? 'second' : 'first') + ' context' : names[l]);
        }
      });
    });
  }

  function drawStairs() {
    const svg = byId('stairs'), make = maker(svg);
    svg.replaceChildren();
    const ends = [0, ...layers.flatMap((l, i) => i ? [l.distance - l.mlp, l.distance] : [l.distance])];
    const most = Math.max(...ends, 1e-9), columns = 1 + 2 * last;
    const width = 440 / columns, x = i => 46 + i * width, y = v => 316 - 290 * v / most;
    const power = 10 ** Math.floor(Math.log10(most / 4)), step = power * [1, 2, 5, 10].find(n => n * power >= most / 4);
    for (let i = 0; i * step <= most; i++) {
      make('path', { class: 'axis', d: 'M46 ' + y(i * step) + 'H488' });
      make('text', { x: 40, y: y(i * step) + 4, 'text-anchor': 'end' }, Number((i * step).toPrecision(3)));
    }
    const stair = (from, to, column, kind, l) => make('rect', { x: x(column) + 1, y: Math.min(y(from), y(to)) - (from === to ? 0.5 : 0),
      width: Math.max(1, width - 2), height: Math.max(1, Math.abs(y(from) - y(to))), class: kind + (l === chosen ? ' chosen' : '') });
    make('text', { x: 46, y: 14 }, 'distance of the two vectors after each block (0: the embedding)');
    stair(0, layers[0].distance, 0, 'start', 0);
    const every = Math.ceil(layers.length / 14);
    make('text', { x: x(0.5), y: 336, 'text-anchor': 'middle' }, '0');
    for (let l = 1; l <= last; l++) {
      const before = layers[l - 1].distance;
      stair(before, before + layers[l].attention, 2 * l - 1, 'attention', l);
      stair(before + layers[l].attention, layers[l].distance, 2 * l, 'mlp', l);
      if (l % every === 0) make('text', { x: x(2 * l), y: 336, 'text-anchor': 'middle' }, l);
    }
  }

  const signed = v => (v < 0 ? '−' : '+') + Math.abs(v).toFixed(3);
  const rows = layers.map((layer, l) => {
    const button = element('button', { type: 'button' }, names[l]);
    const row = element('tr', {}, element('th', { scope: 'row' }, button), ...[layer.cosine.toFixed(3), layer.distance.toFixed(3),
      l ? signed(layer.attention) : '', l ? signed(layer.mlp) : ''].map(text => element('td', { class: 'number' }, text)));
    byId('rows').append(row);
    return [button];
  });
  const go = flow.walk(rows, l => {
    chosen = l;
    rows.forEach(([button], i) => {
      button.closest('tr').classList.toggle('chosen', i === l);
      button.setAttribute('aria-pressed', String(i === l));
    });
    drawPaths();
    drawStairs();
  });
  go(last, 0, false);
})();
