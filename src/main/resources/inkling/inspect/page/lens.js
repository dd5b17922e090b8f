'use strict';
// A table of what each layer would predict after each token. The chosen cell is described in full beside the table.
import { flow } from './flow.js';

/**
 * Draws the table into lens.html. Fits it to its place again when the theme, the medium or the size changes, until the signal is aborted.
 *
 * @param root the document, or a shadow root that holds lens.html
 * @param data the value of LensPage.data
 */
export function drawLens(root, data, { signal } = {}) {
  const { labels, names, layers, mostBits } = data;
  const { element } = inkling;
  const byId = id => root.getElementById(id);
  const last = layers.length - 1;
  const at = { layer: last, t: 0 };
  const modes = {
    probability: cell => cell.top[0][1],
    certainty: cell => Math.max(0, 1 - cell.bits / mostBits),
    agreement: cell => Math.exp(-cell.kl),
  };

  const head = element('tr', {}, element('th', { scope: 'col' }, 'after'));
  labels.forEach(label => head.append(element('th', { scope: 'col', title: label }, label)));
  const foot = element('tr', {}, element('th', { scope: 'row' }, 'comes next'));
  labels.forEach((_, t) => foot.append(element('th', {}, t + 1 < labels.length ? labels[t + 1] : '?')));
  byId('grid').append(element('thead', {}, head));
  const body = element('tbody');
  const cells = layers.map((positions, layer) => {
    const row = element('tr', {}, element('th', { scope: 'row' }, names[layer]));
    const buttons = positions.map((cell, t) => {
      const button = element('button', { type: 'button' }, element('span', {}, cell.top[0][0]),
        element('span', { class: 'more share' }, inkling.percent(cell.top[0][1])),
        ...cell.top.slice(1, 3).map(([label]) => element('span', { class: 'more' }, label)));
      if (t + 1 < labels.length && cell.top[0][2] === 1) button.classList.add('right');
      row.append(element('td', {}, button));
      return button;
    });
    body.append(row);
    return buttons;
  });
  byId('grid').append(body, element('tfoot', {}, foot));

  function paint() {
    const strength = modes[root.querySelector('input[name="shade"]:checked').value];
    cells.forEach((row, layer) => row.forEach((button, t) => {
      const shade = 0.04 + 0.86 * Math.pow(strength(layers[layer][t]), 0.8);
      button.style.setProperty('--shade', 'rgba(var(--data-rgb),' + shade.toFixed(3) + ')');
      button.style.color = flow.readable(shade);
    }));
  }

  function describe() {
    const cell = layers[at.layer][at.t];
    byId('place').textContent = (at.layer === 0 ? 'Straight from the embedding' : at.layer === last ? 'The model’s prediction'
      : 'After ' + at.layer
      + (at.layer === 1 ? ' block' : ' blocks')) + ', at “' + labels[at.t] + '”';
    byId('facts').textContent = (at.layer === 0 && cell.top[0][0] === labels[at.t] ? 'This is the token itself, read back. ' : '')
      + 'As open as a choice among ' + (2 ** cell.bits).toFixed(1) + ' equally likely tokens (entropy: ' + cell.bits.toFixed(2) + ' bits)'
      + (at.layer === last ? '' : '; ' + cell.kl.toFixed(2) + ' bits from the final answer') + '.'
      + (cell.actual === null ? '' : ' The token that does come next, ' + labels[at.t + 1] + ', has ' + inkling.percent(cell.actual) + '.');
    flow.bars(byId('bars'), cell.top.map(([label, p, right]) => ({ label, share: p, figure: inkling.percent(p), chosen: right === 1 })));
    drawDistance();
    cells.flat().forEach(button => button.setAttribute('aria-pressed', 'false'));
    cells[at.layer][at.t].setAttribute('aria-pressed', 'true');
  }

  /** Draws how many bits each layer is away from the final answer at this token. */
  function drawDistance() {
    const svg = byId('distance'), make = inkling.maker(svg);
    svg.replaceChildren();
    const values = layers.map(row => row[at.t].kl), most = Math.max(...values, 1);
    const x = i => 14 + i / Math.max(1, last) * 252, y = v => 84 - 72 * v / most;
    make('path', { d: values.map((v, i) => (i ? 'L' : 'M') + x(i).toFixed(1) + ' ' + y(v).toFixed(1)).join('') });
    const every = Math.ceil((last + 1) / 13);
    values.forEach((v, i) => {
      make('circle', { cx: x(i), cy: y(v), r: i === at.layer ? 5 : 3, class: i === at.layer ? 'chosen' : '' });
      if (i % every === 0) make('text', { x: x(i), y: 104, 'text-anchor': 'middle' }, i);
    });
  }

  const go = flow.walk(cells, (layer, t) => {
    at.layer = layer;
    at.t = t;
    describe();
  });
  /**
   * Makes rows as high as the window allows, within limits. Tall rows also show the probability of the likeliest token, and still
   * taller rows the second and third likeliest token.
   */
  function stretch() {
    const grid = byId('grid'), rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const space = flow.room(grid) - grid.tHead.offsetHeight - grid.tFoot.offsetHeight - rem;
    const row = Math.max(2.6 * rem, Math.min(6.5 * rem, space / layers.length - 3));
    grid.style.setProperty('--row', row.toFixed(1) + 'px');
    grid.classList.toggle('tall', row >= 3 * rem);
    grid.classList.toggle('taller', row >= 4.6 * rem);
    paint();
    edges();
  }

  // If the table is wider than its box, its first and its last column stay in sight, and buttons move the columns between them.
  const box = byId('grid').parentElement;
  function edges() {
    const beyond = box.scrollWidth - box.clientWidth;
    byId('cut').hidden = beyond <= 1;
    byId('grid').classList.toggle('cut', beyond - box.scrollLeft > 1);
    byId('earlier').disabled = box.scrollLeft <= 1;
    byId('later').disabled = beyond - box.scrollLeft <= 1;
  }
  const page = by => box.scrollBy({ left: by * 0.6 * box.clientWidth, behavior: 'smooth' });
  byId('earlier').addEventListener('click', () => page(-1));
  byId('later').addEventListener('click', () => page(1));
  box.addEventListener('scroll', edges);

  for (const radio of root.querySelectorAll('input[name="shade"]')) radio.addEventListener('change', paint);
  flow.redraw(stretch, { within: box, signal });
  go(last, labels.length - 1, false);
}
