'use strict';
// The paths of a word's two vectors, the angle between the vectors as a staircase, and a table. All three mark the chosen layer.
import { flow } from './flow.js';

const LEAST = 20;      // the height of the staircase's axis is at least this many degrees, so that a small angle looks small

/**
 * Draws the paths, the staircase and the table into word-trace.html.
 *
 * @param root the document, or a shadow root that holds word-trace.html
 * @param data the value of WordTracePage.data
 */
export function drawWordTrace(root, data) {
  const { contexts, names, paths, layers, remarks, explained, summary } = data;
  const { element, maker } = inkling;
  const byId = id => root.getElementById(id);
  const last = layers.length - 1;
  let chosen = last;

  contexts.forEach((context, i) => context.labels.forEach((label, t) => byId('context-' + i)
    .append(element('span', { class: t === context.position ? 'tok chosen' : 'tok' }, label))));

  byId('remarks').replaceChildren(...remarks.map(remark => element('p', { class: 'note' }, remark)));
  byId('summary').textContent = summary;
  byId('explained').textContent = Math.round(100 * explained) + ' %';
  byId('stairs').setAttribute('aria-label', summary);

  function drawPaths() {
    const svg = byId('paths'), make = maker(svg);
    svg.replaceChildren();
    const all = paths.flat(), xs = all.map(p => p[0]), ys = all.map(p => p[1]);
    const least = [Math.min(...xs), Math.min(...ys)], span = [Math.max(...xs) - least[0] || 1, Math.max(...ys) - least[1] || 1];
    const scale = Math.min(440 / span[0], 300 / span[1]);
    const at = p => [30 + (p[0] - least[0]) * scale + (440 - span[0] * scale) / 2,
      330 - (p[1] - least[1]) * scale - (300 - span[1] * scale) / 2];
    layers.forEach((_, l) => {
      const [a, b] = [at(paths[0][l]), at(paths[1][l])];
      make('path', { class: l === chosen ? 'gap chosen' : 'gap', d: 'M' + a.join(' ') + 'L' + b.join(' ') });
    });
    paths.forEach((path, i) => {
      make('path', { class: 'ab'[i], d: path.map((p, l) => (l ? 'L' : 'M') + at(p).map(v => v.toFixed(1)).join(' ')).join('') });
      path.forEach((p, l) => {
        const [x, y] = at(p);
        make('circle', { cx: x, cy: y, r: l === chosen ? 6 : 3.5, class: (i ? 'of-b' : '') + (l === chosen ? ' chosen' : '') });
      });
    });
    const ways = paths.map(path => path.map(at));
    const lines = [...ways.flatMap(way => way.slice(1).map((p, l) => [way[l], p])), ...layers.map((_, l) => [ways[0][l], ways[1][l]])];
    const taken = ways.flat().map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]);
    ways.forEach((way, i) => way.forEach((point, l) => {
      if (l !== chosen && l !== last && (l || i)) return;
      const text = make('text', { class: l === last ? 'strong' : '' }, l === last ? (i ? 'second' : 'first') + ' context' : names[l]);
      place(text, point, lines, taken);
    }));
  }

  /** Whether the segment from a to b touches a box [left, top, right, bottom]. */
  function crosses([a, b], [left, top, right, bottom]) {
    let from = 0, to = 1;
    for (const [start, step, least, most] of [[a[0], b[0] - a[0], left, right], [a[1], b[1] - a[1], top, bottom]]) {
      if (step === 0) {
        if (start < least || start > most) return false;
        continue;
      }
      const ends = [(least - start) / step, (most - start) / step].sort((p, q) => p - q);
      from = Math.max(from, ends[0]);
      to = Math.min(to, ends[1]);
    }
    return from <= to;
  }

  /**
   * Puts a label near to its point, where it touches no line, point or other label, or else the fewest of them. A point or a label
   * counts as two lines.
   */
  function place(text, [x, y], lines, taken) {
    const { width, height } = text.getBBox();
    let best = null;
    for (const away of [10, 18, 28, 40, 56, 76]) {
      for (let turn = 0; turn < 16; turn++) {
        const angle = turn / 16 * 2 * Math.PI, cos = Math.cos(angle), sin = Math.sin(angle);
        const left = x + away * cos + (cos - 1) / 2 * width, top = y + away * sin + (sin - 1) / 2 * height;
        const box = [left, top, left + width, top + height], room = [left - 3, top - 2, left + width + 3, top + height + 2];
        if (box[0] < 0 || box[1] < 0 || box[2] > 500 || box[3] > 360) continue;
        const hits = lines.filter(line => crosses(line, room)).length
          + 2 * taken.filter(other => room[0] < other[2] && room[2] > other[0] && room[1] < other[3] && room[3] > other[1]).length;
        if (!best || hits < best.hits) best = { hits, box };
      }
      if (best && best.hits === 0) break;
    }
    const box = best ? best.box : [x, y, x + width, y + height];
    taken.push(box);
    text.setAttribute('x', box[0]);
    text.setAttribute('y', box[1] + 0.8 * height);
  }

  function drawStairs() {
    const svg = byId('stairs'), make = maker(svg);
    svg.replaceChildren();
    const ends = [0, ...layers.flatMap((l, i) => i ? [l.angle - l.mlp, l.angle] : [l.angle])];
    const most = Math.max(...ends, LEAST), columns = 1 + 2 * last;
    const width = 440 / columns, x = i => 46 + i * width, y = v => 316 - 284 * v / most;
    const power = 10 ** Math.floor(Math.log10(most / 4)), step = power * [1, 2, 5, 10].find(n => n * power >= most / 4);
    for (let i = 0; i * step <= most; i++) {
      make('path', { class: 'axis', d: 'M46 ' + y(i * step) + 'H488' });
      make('text', { x: 40, y: y(i * step) + 4, 'text-anchor': 'end' }, Number((i * step).toPrecision(3)) + '°');
    }
    const stair = (from, to, column, kind, l) => make('rect', { x: x(column) + 1, y: Math.min(y(from), y(to)) - (from === to ? 0.5 : 0),
      width: Math.max(1, width - 2), height: Math.max(1, Math.abs(y(from) - y(to))), class: kind + (l === chosen ? ' chosen' : '') });
    stair(0, layers[0].angle, 0, 'start', 0);
    make('text', { class: 'title', x: 46, y: 17 }, 'angle between the two vectors');
    make('text', { class: 'title', x: 488, y: 356, 'text-anchor': 'end' }, 'after block');
    const every = Math.ceil(layers.length / 14);
    make('text', { x: x(0.5), y: 336, 'text-anchor': 'middle' }, '0');
    for (let l = 1; l <= last; l++) {
      const before = layers[l - 1].angle;
      stair(before, before + layers[l].attention, 2 * l - 1, 'attention', l);
      stair(before + layers[l].attention, layers[l].angle, 2 * l, 'mlp', l);
      if (l % every === 0) make('text', { x: x(2 * l), y: 336, 'text-anchor': 'middle' }, l);
    }
  }

  const signed = v => (v < 0 ? '−' : '+') + Math.abs(v).toFixed(1) + '°';
  const rows = layers.map((layer, l) => {
    const button = element('button', { type: 'button' }, names[l]);
    const row = element('tr', {}, element('th', { scope: 'row' }, button), ...[layer.angle.toFixed(1) + '°',
      l ? signed(layer.attention) : '', l ? signed(layer.mlp) : '', inkling.decimal(layer.cosine, 3)]
      .map(text => element('td', { class: 'number' }, text)));
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
}
