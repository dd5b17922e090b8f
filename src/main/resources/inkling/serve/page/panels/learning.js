// How the inside of a model changes as it learns: what each checkpoint of a run makes of the same text.
import {attentionShares, drawHead} from '../attention.js';
import {post} from '../api.js';
import {flow} from '../flow.js';
import {heading, label, note} from './asking.js';
import {fewSteps, follow, line, overSteps, spread} from './steps.js';

export const id = 'learning';
export const title = 'Learning';

const {element} = inkling;
const BARS = 8, LINES = 5, MOST_STEPS = 24, MOST_NAMES = 24, TOP = 200;
const MOST_KEPT = 40, MOST_LETTERS = 3e7;      // the most steps that are kept, and the most base-64 characters of their attention
const LONGEST = 2500, WHOLE = 20_000;          // milliseconds of playing: the most for one step, and about the time for all steps
const AGAIN = 2000;                            // milliseconds until the server is asked again
const NAMES = 84;                              // pixels beside the picture of a head, for the names of the tokens
let app, root, run = null, steps = [], at = -1, subject = null, asking = null, playing = null, head = null, look;
let slider, told, play, status, few, parts, headChoice;
let kept = new Map();          // step → all four views of the subject; the least recently used first
let chances = new Map();       // step → what comes next after the text, for the lines over all steps

export function mount(place, theApp) {
  [root, app] = [place, theApp];
  slider = element('input', {type: 'range', min: 0, max: 0, value: 0, 'aria-label': 'Step of the run'});
  told = element('output', {class: 'number'});
  play = element('button', {type: 'button'}, 'Play');
  status = element('p', {class: 'note', role: 'status'});
  few = element('div', {class: 'few'});
  headChoice = element('select', {'aria-label': 'Layer and head'});
  parts = Object.fromEntries(['next', 'near', 'attention', 'layers'].map(name => [name, element('section', {class: name})]));
  root.append(note('One text, read by each checkpoint of the same run. Move the slider to choose the checkpoint.'),
    element('div', {class: 'slider'}, play, slider, told), status, few,
    element('div', {class: 'learning'}, element('div', {}, parts.next, parts.attention), element('div', {}, parts.near, parts.layers)));
  slider.addEventListener('input', () => {
    stop();
    go(Number(slider.value));
  });
  play.addEventListener('click', () => playing ? stop() : start());
  headChoice.addEventListener('change', () => {
    head = headChoice.value.split(' ').map(Number);
    drawAttention();
  });
  flow.redraw(() => drawAttention(), {within: root});
  look = follow(root, app, found);
}

function found(now) {
  const other = !run || run.run !== now.run || run.model !== now.model;
  const last = steps[at];
  const wasNewest = at === steps.length - 1;
  run = now;
  steps = run.run ? run.checkpoints.map(({step}) => step) : [];
  few.replaceChildren(...fewSteps(run, app.state.properties));
  say();
  if (other) {
    forget();
    head = null;
  }
  if (steps.length < 2) return;
  slider.max = steps.length - 1;
  go(other || wasNewest || !steps.includes(last) ? steps.length - 1 : steps.indexOf(last));
}

/** Drops all views: they are of a text or run that is no longer shown. */
function forget() {
  asking?.abort();
  asking = null;
  kept = new Map();
  chances = new Map();
}

/** If there is nothing to see, says why. */
function say() {
  status.textContent = !subject ? 'Write a text, then choose a token in it: the text up to it is what the checkpoints read.'
    : !run || run.run ? ''
    : 'This model is no checkpoint of a run, so nothing is known of how it came about.';
  if (status.textContent || (run && steps.length < 2)) Object.values(parts).forEach(part => part.replaceChildren());
}

function start() {
  play.textContent = 'Stop';
  if (at === steps.length - 1) go(0);
  playing = setInterval(() => {
    if (asking) return;                          // the views of this step are still to come
    if (at >= steps.length - 1 || root.hidden) return stop();
    go(at + 1);
  }, Math.min(LONGEST, WHOLE / steps.length));
}

function stop() {
  clearInterval(playing);
  playing = null;
  play.textContent = 'Play';
}

function go(index) {
  at = index;
  slider.value = index;
  const {train_loss: train, val_loss: validation} = run.checkpoints[index];
  const loss = validation ?? train;
  told.textContent = `step ${steps[index].toLocaleString('en')}` + (loss === null ? '' : `, loss ${loss.toFixed(3)}`);
  slider.setAttribute('aria-valuetext', told.textContent);
  load();
}

/** Loads the views of the chosen step if they are missing. Then loads, in the background, what the lines over all steps need. */
async function load() {
  if (!subject || at < 0 || steps.length < 2 || run.model !== subject.model) return;
  if (kept.has(steps[at])) draw();
  if (asking) return;
  const mine = asking = new AbortController();
  root.dataset.state = 'asking';
  try {
    while (!kept.has(steps[at])) {
      const step = steps[at], views = await viewsAt(step, mine.signal);
      if (mine.signal.aborted) return;
      keep(step, views);
      chances.set(step, views.next);
      draw();
    }
    root.dataset.state = 'shown';
    say();
  } catch (e) {
    if (mine.signal.aborted) return;
    root.dataset.state = 'failed';
    status.textContent = e.message;
    if (e.retryable) setTimeout(load, AGAIN);
    return;
  } finally {
    if (asking === mine) asking = null;
  }
  fill();
}

let filling = false;

/** Loads what comes after the text at up to MOST_STEPS steps, the newest first. If text or run change, goes on with the new ones. */
async function fill() {
  if (filling) return;
  filling = true;
  try {
    const next = () => subject && spread(steps, MOST_STEPS).reverse().find(step => !chances.has(step));
    for (let step = next(); step !== undefined && step !== null && !root.hidden; step = next()) {
      const mine = chances;
      const found = await post('/inkling/v1/distribution', {...subject, step, top: TOP});
      mine.set(step, found);
      if (mine === chances) drawLines();
    }
    if (next() === undefined) {
      root.dataset.filled = 'true';
      draw();
    }
  } catch {
    // the lines have gaps until load() calls fill() again, e.g. when the user goes to another step
  } finally {
    filling = false;
  }
}

async function viewsAt(step, signal) {
  const {model, ids} = subject;
  const ask = (view, more) => post('/inkling/v1/' + view, {model, step, ...more}, {signal});
  const next = await ask('distribution', {ids, top: TOP});
  const near = await ask('neighbors', {id: ids.at(-1), top: BARS});
  const attention = await ask('attention', {ids, form: 'page'});
  const lens = await ask('lens', {ids, last: 1, top: 3, form: 'page'});
  return {next, near, attention, lens};
}

function keep(step, views) {
  kept.delete(step);
  kept.set(step, views);
  const size = () => [...kept.values()].reduce((sum, {attention}) => sum + attention.weights.length, 0);
  while (kept.size > 1 && (kept.size > MOST_KEPT || size() > MOST_LETTERS)) kept.delete(kept.keys().next().value);
}

function draw() {
  const views = kept.get(steps[at]);
  if (!views) return;
  keep(steps[at], views);
  root.dataset.step = steps[at];
  const most = Math.max(...[...chances.values()].map(({top}) => top[0].untruncated));     // one scale for all steps
  const bars = element('ol', {class: 'bars'});
  flow.bars(bars, views.next.top.slice(0, BARS).map(({id, piece, untruncated}) =>
    ({label: label(piece), share: untruncated / most, figure: inkling.percent(untruncated), data: {id, p: untruncated}})));
  parts.next.replaceChildren(heading(`What comes after ${label(subject.token)}`), bars, element('figure', {class: 'lines'}));
  const near = element('ol', {class: 'bars learned'});
  flow.bars(near, views.near.results.map(({id, piece, similarity}) =>
    ({label: label(piece), share: similarity, figure: inkling.decimal(similarity, 3), data: {id, similarity}})));
  parts.near.replaceChildren(heading(`Neighbours of ${label(subject.token)} in the embedding`), near, note(newcomers(views.near.results)));
  parts.layers.replaceChildren(heading('What each layer would say'), layers(views.lens));
  drawLines();
  drawAttention();
}

/** Says which neighbours are new since the checkpoint before this one; '' if the neighbours at that checkpoint are not known. */
function newcomers(results) {
  const before = kept.get(steps[at - 1])?.near.results;
  if (!before) return '';
  const fresh = results.filter(({id}) => !before.some(other => other.id === id)).map(({piece}) => label(piece));
  return `Since step ${steps[at - 1].toLocaleString('en')}, ` + (fresh.length ? 'these are new: ' + fresh.join(', ') : 'none is new');
}

function layers({names, layers: rows}) {
  return element('table', {class: 'table layers'},
    element('tbody', {}, ...rows.map(([{top}], layer) => element('tr', {}, element('th', {scope: 'row'}, names[layer]),
      ...top.map(([word, p], i) => element('td', {class: i ? 'less' : ''}, element('span', {class: 'token'}, word), ' ',
        element('span', {class: 'note number'}, inkling.percent(p))))))));
}

/** Draws the head that the user chose; else the head that was clearest at the step that was drawn first, usually the newest. */
function drawAttention() {
  const views = kept.get(steps[at]);
  if (!views) return;
  const data = views.attention, n = data.labels.length;
  head ||= [data.layer, data.head];
  const [l, h] = head;
  const value = l + ' ' + h;
  const shape = data.layers + ' ' + data.heads;
  if (headChoice.dataset.shape !== shape) {
    headChoice.dataset.shape = shape;
    headChoice.replaceChildren(...Array.from({length: data.layers * data.heads}, (_, i) => {
      const [layer, number] = [Math.floor(i / data.heads), i % data.heads];
      return element('option', {value: layer + ' ' + number}, `layer ${layer + 1}, head ${number + 1}`);
    }));
  }
  headChoice.value = value;
  const habit = data.habits[l][h], share = attentionShares(data);
  const canvas = element('canvas',
    {role: 'img', 'aria-label': `Attention of layer ${l + 1}, head ${h + 1}: each token, one a row, to those before it`});
  const tokens = data.labels.map((word, k) => ({word, p: share(l, h, n - 1, k)})).sort((a, b) => b.p - a.p).slice(0, 3);
  const side = Math.max(120, Math.min(300, parts.attention.clientWidth - NAMES));
  const names = n > MOST_NAMES ? '' : element('ol', {class: 'names', 'aria-hidden': 'true'}, ...data.labels.map(word => {
    const name = element('li', {}, word);
    name.style.height = name.style.lineHeight = side / n + 'px';
    return name;
  }));
  parts.attention.replaceChildren(element('h2', {}, 'Attention of ', headChoice), element('div', {class: 'head-map'}, names, canvas),
    note(`On average, a token gives ${inkling.percent(habit.previous)} of its attention to the token before it, `
      + `${inkling.percent(habit.self)} to itself, ${inkling.percent(habit.first)} to the first token. `
      + brightest(data.labels, (q, k) => share(l, h, q, k))
      + `“${data.labels[n - 1]}” looks `
      + 'most at ' + tokens.map(({word, p}) => `“${word}” ${inkling.percent(p)}`).join(', ') + '.'));
  drawHead(canvas, n, side, (q, k) => share(l, h, q, k));
}

/**
 * A sentence about the token that gets most attention from the tokens after it, on average. The first token and the last FEWEST tokens do
 * not count. '' for a short text.
 */
function brightest(labels, share) {
  const FEWEST = 3;                                            // tokens that come later: a mean of fewer says little
  const mean = k => {
    let sum = 0;
    for (let q = k + 1; q < labels.length; q++) sum += share(q, k);
    return sum / (labels.length - 1 - k);
  };
  const columns = labels.slice(1, -FEWEST).map((word, i) => ({word, p: mean(i + 1)})).sort((a, b) => b.p - a.p);
  if (!columns.length) return '';
  return `Apart from the first token, “${columns[0].word}” gets the most attention from the tokens after it, `
    + `${inkling.percent(columns[0].p)} on average. `;
}

/** Draws lines for the tokens that the newest known step finds likeliest: how likely they were at each known step. */
function drawLines() {
  const figure = parts.next.querySelector('.lines');
  const known = steps.filter(step => chances.has(step));
  if (!figure || known.length < 2) return;
  const names = chances.get(known.at(-1)).top.slice(0, LINES);
  const chance = (step, id) => chances.get(step).top.find(entry => entry.id === id)?.untruncated ?? 0;
  const {svg, make, x, y, top, bottom, end} = overSteps(figure, 'How likely these tokens were at each step: '
    + names.map(({piece}) => label(piece)).join(', '), [steps[0], steps.at(-1)],
    known.flatMap(step => names.map(({id}) => chance(step, id))),
  {least: 0, right: 80, told: value => Math.round(100 * value) + ' %'});
  make('path', {class: 'now', d: `M${x(steps[at])} ${top}V${bottom}`});
  let free = -Infinity;
  names.map(({id, piece}) => ({id, piece, last: y(chance(known.at(-1), id))})).sort((a, b) => a.last - b.last)
    .forEach(({id, piece, last}, i) => {
    make('path', {class: 'chance c' + i, d: line(known.map(step => [x(step), y(chance(step, id))]))});
    if (chances.has(steps[at])) make('circle', {class: 'now', cx: x(steps[at]), cy: y(chance(steps[at], id)), r: 3});
    free = Math.max(last, free + 15);
    make('text', {class: 'c' + i, x: end + 8, y: free + 4}, label(piece));
  });
  figure.replaceChildren(svg);
}

export function show(selection) {
  const asked = selection && {model: selection.model, ids: selection.ids};
  if (JSON.stringify(asked) !== JSON.stringify(subject && {model: subject.model, ids: subject.ids})) {
    subject = asked;
    if (subject) Object.defineProperty(subject, 'token', {value: selection.tokens.at(-1), enumerable: false});
    forget();
    delete root.dataset.filled;
  }
  say();
  look();
  load();
}
