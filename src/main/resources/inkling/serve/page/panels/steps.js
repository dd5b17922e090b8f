// What is shared by the panels that show a run at several of its steps: the list of its checkpoints, and a small picture of its losses.
import {get} from '../api.js';
import {quoted} from '../copies.js';
import {note} from './asking.js';

const OFTEN = 3000;            // milliseconds between two looks for new checkpoints

/**
 * What the server tells of the model's run: {model, run, serving: the served model's step, command: the one that trains it, loss_unit,
 * checkpoints: [{step, last, best, train_loss, val_loss}], curve: [{step, train_loss, val_loss}]}. Steps rise in both lists. `run` is null
 * if the model is no checkpoint of a run.
 */
export const runOf = (model, signal) => get('/inkling/v1/checkpoints?model=' + encodeURIComponent(model), {signal});

/**
 * Looks every few seconds for new checkpoints of the model that wrote the chosen token's text, else of the page's model, while `root` is
 * shown. Calls `found(run)` at each change. Returns a function that looks at once.
 */
export function follow(root, app, found) {
  let known = '', looking = false;
  async function look() {
    const model = app.selection()?.model ?? app.state.model;
    if (looking || !model || root.hidden || !root.isConnected || document.visibilityState === 'hidden') return;
    looking = true;
    const run = await runOf(model).catch(e => {
      if (e.status === 0) app.lost(e.message);
    });
    looking = false;
    const now = JSON.stringify(run);
    if (!run || now === known) return;
    known = now;
    found(run);
  }
  setInterval(look, OFTEN);
  return look;
}

const FEW = 4, WANTED = 10;    // fewer checkpoints than FEW are few; the run that fewSteps suggests keeps about WANTED

/** A note on why a run has so few checkpoints, with the command for a run that keeps more. An empty list if it has FEW or more, or none. */
export function fewSteps({run, command: training, checkpoints}, {directory = run}) {
  if (!run || !checkpoints.length || checkpoints.length >= FEW) return [];
  const every = Math.max(1, Math.ceil(checkpoints.at(-1).step / WANTED));
  const home = directory.replace(/[\\/]step-\d+$/, '');
  const command = `inkling ${training} ${quoted(home + '/config.yaml')} --run ${quoted(run + '-steps')} --set train.keep_checkpoints=all `
    + `--set train.checkpoint_interval=${every}`;
  return [note(`This run has ${checkpoints.length === 1 ? 'one checkpoint' : checkpoints.length + ' checkpoints'}: a run keeps `
    + 'the newest, the best and those that its run file names. To train a run like this one that keeps more: ',
  inkling.element('code', {class: 'more-steps'}, command))];
}

/** At most `most` elements of a list, evenly spaced. The first and the last element are among them. */
export function spread(list, most) {
  if (list.length <= most) return [...list];
  return [...new Set(Array.from({length: most}, (_, i) => list[Math.round(i * (list.length - 1) / (most - 1))]))];
}

/** Redraws a place that has a part for each step. If a part had the focus, the new part of the same step gets it. */
export function keepingFocus(place, draw) {
  const step = place.contains(document.activeElement) ? document.activeElement.closest('[data-step]')?.dataset.step : undefined;
  draw();
  if (step === undefined) return;
  const part = place.querySelector(`[data-step="${step}"]`);
  (part?.matches('[tabindex]') ? part : part?.querySelector('button'))?.focus();
}

/** With at most this many measurements of the validation loss, each gets a ring; with more, none does. */
const MOST_POINTS = 80;
const HEIGHT = 160, LEFT = 44, TOP = 10, BOTTOM = 24, NARROW = 480;

/**
 * Begins a picture over the steps of a run, with horizontal lines at the least, middle and largest value. The caller draws the rest.
 *
 * @param place where the picture will stand; in a narrow place it is drawn narrower, so that its letters can be read
 * @param words says what the picture shows, for screen readers
 * @param first, last the steps at its left and right end
 * @param values all values that the picture will show
 * @param least the value at the bottom
 * @param right room at the right for the names of lines
 * @param told value => text
 * @returns {svg, make(name, attributes, text) adds an element to it, x(step), y(value), top, bottom, end: the right end}
 */
export function overSteps(place, words, [first, last], values, {least = Math.min(...values), right = 12, told}) {
  const width = place.clientWidth && place.clientWidth < NARROW ? 360 : 600, most = Math.max(...values, least + 1e-9);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const make = inkling.maker(svg);
  for (const [name, value] of Object.entries({viewBox: `0 0 ${width} ${HEIGHT}`, class: 'steps-curve', role: 'img', 'aria-label': words})) {
    svg.setAttribute(name, value);
  }
  const end = width - right, bottom = HEIGHT - BOTTOM;
  const x = step => LEFT + (last === first ? 0.5 : (step - first) / (last - first)) * (end - LEFT);
  const y = value => bottom - (value - least) / (most - least) * (bottom - TOP);
  for (const value of [least, (least + most) / 2, most]) {
    make('path', {class: 'axis', d: `M${LEFT} ${y(value)}H${end}`});
    make('text', {x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end'}, told(value));
  }
  make('text', {x: LEFT, y: HEIGHT - 6}, 'step ' + first.toLocaleString('en'));
  make('text', {x: end, y: HEIGHT - 6, 'text-anchor': 'end'}, last.toLocaleString('en'));
  return {svg, make, x, y, top: TOP, bottom, end};
}

export const line = points => points.map(([x, y], i) => (i ? 'L' : 'M') + x.toFixed(1) + ' ' + y.toFixed(1)).join('');

/**
 * A picture of the run’s losses over its steps. Rings show where the validation loss was measured, if they are at most MOST_POINTS.
 * Points show the checkpoints; those of the steps in `marked` are larger. A click on a point, or Enter, calls choose(step); arrow keys go
 * from point to point. Null if fewer than two rows of `curve` have a loss.
 */
export function lossCurve(place, {curve, checkpoints}, marked, chosen, choose) {
  const shown = curve.filter(({train_loss: a, val_loss: b}) => a !== null || b !== null);
  if (shown.length < 2) return null;
  const first = Math.min(shown[0].step, checkpoints[0].step);
  const {svg, make, x, y} = overSteps(place, 'The run’s losses over its steps',
    [first, Math.max(shown.at(-1).step, checkpoints.at(-1).step)],
    shown.flatMap(row => [row.train_loss, row.val_loss]).filter(value => value !== null), {told: value => value.toFixed(1)});
  for (const [key, name] of [['train_loss', 'train'], ['val_loss', 'validation']]) {
    const points = shown.filter(row => row[key] !== null).map(row => [x(row.step), y(row[key])]);
    if (points.length) make('path', {class: 'loss ' + name, d: line(points)});
    if (key === 'val_loss' && points.length <= MOST_POINTS) points.forEach(([cx, cy]) => make('circle', {class: 'measured', cx, cy, r: 3}));
  }
  const near = step => shown.reduce((best, row) => Math.abs(row.step - step) < Math.abs(best.step - step) ? row : best);
  const lossAt = ({step, val_loss: validation, train_loss: train}) => validation ?? train ?? near(step).val_loss ?? near(step).train_loss;
  svg.setAttribute('role', 'group');                                      // role img would hide its points from screen readers
  const dots = checkpoints.map((checkpoint, i) => {
    const {step} = checkpoint, loss = lossAt(checkpoint);
    const dot = make('circle', {cx: x(step), cy: y(loss), r: step === chosen ? 6 : marked.has(step) ? 4.5 : 3,
      class: (marked.has(step) ? 'marked' : '') + (step === chosen ? ' chosen' : ''), 'data-step': step, role: 'button',
    'aria-pressed': String(step === chosen), tabindex: -1,
    'aria-label': `step ${step}, loss ${loss.toFixed(3)}`});
    dot.addEventListener('click', () => choose(step));
    dot.addEventListener('keydown', event => {
      const to = {ArrowRight: i + 1, ArrowUp: i + 1, ArrowLeft: i - 1, ArrowDown: i - 1, Home: 0, End: dots.length - 1}[event.key];
      if (event.key === 'Enter' || event.key === ' ') choose(step);
      else if (dots[to]) walkTo(dots[to]);
      else return;
      event.preventDefault();
    });
    dot.append(Object.assign(document.createElementNS(svg.namespaceURI, 'title'), {textContent: 'step ' + step}));
    return dot;
  });
  const walkTo = dot => {
    dots.forEach(other => other.setAttribute('tabindex', other === dot ? 0 : -1));
    dot.focus();
  };
  (dots.find(dot => dot.matches('.chosen')) || dots.at(-1)).setAttribute('tabindex', 0);
  return svg;
}
