// The checkpoints of the run that a model came from, and the run's losses as a small picture: shared by the panels over a run's steps.
import {get} from '../api.js';

const OFTEN = 3000;            // milliseconds between two looks for new checkpoints

/** What the server tells of the run: {run, serving, checkpoints: [{step, last, best, train_loss, val_loss}]}, by rising step. */
export const runOf = (model, signal) => get('/inkling/v1/checkpoints?model=' + encodeURIComponent(model), {signal});

/** Looks for new checkpoints while `root` is shown; `found(run)` hears of each change. Returns a function that looks now. */
export function follow(root, app, found) {
  let known = '', looking = false;
  async function look() {
    if (looking || !app.state.model || root.hidden || !root.isConnected || document.visibilityState === 'hidden') return;
    looking = true;
    try {
      const run = await runOf(app.state.model);
      const now = JSON.stringify([app.state.model, run]);
      if (now !== known) {
        known = now;
        found(run);
      }
    } catch {
      known = '';              // the frame says that the server does not answer; the next look asks again
    } finally {
      looking = false;
    }
  }
  setInterval(look, OFTEN);
  app.on('model', look);
  return look;
}

/** At most `most` of a list, first and last among them, evenly. */
export function spread(list, most) {
  if (list.length <= most) return list;
  return [...new Set(Array.from({length: most}, (_, i) => list[Math.round(i * (list.length - 1) / (most - 1))]))];
}

const WIDTH = 600, HEIGHT = 150, LEFT = 44, RIGHT = 12, TOP = 10, BOTTOM = 24;

/** A scale of whole steps and one of values, for SVGs of this size. */
export function scales(steps, values, least = Math.min(...values)) {
  const first = steps[0], last = steps.at(-1), most = Math.max(...values, least + 1e-9);
  return {
    x: step => LEFT + (last === first ? 0.5 : (step - first) / (last - first)) * (WIDTH - LEFT - RIGHT),
    y: value => HEIGHT - BOTTOM - (value - least) / (most - least) * (HEIGHT - TOP - BOTTOM),
    least, most, right: WIDTH - RIGHT, left: LEFT, bottom: HEIGHT - BOTTOM, top: TOP,
  };
}

export function svg(className, words) {
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  picture.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  picture.setAttribute('class', className);
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', words);
  return picture;
}

export const line = points => points.map(([x, y], i) => (i ? 'L' : 'M') + x.toFixed(1) + ' ' + y.toFixed(1)).join('');

/** The run's losses over its steps, with a point at each checkpoint of `marked`; a click on one calls choose(step). */
export function lossCurve({curve, checkpoints}, marked, chosen, choose) {
  const shown = curve.filter(({train_loss: a, val_loss: b}) => a !== null || b !== null);
  if (shown.length < 2) return null;
  const picture = svg('steps-curve', 'The run’s losses over its steps');
  const make = inkling.maker(picture);
  const at = scales([shown[0].step, Math.max(shown.at(-1).step, checkpoints.at(-1).step)],
    shown.flatMap(row => [row.train_loss, row.val_loss]).filter(value => value !== null));
  for (const value of [at.least, (at.least + at.most) / 2, at.most]) {
    make('path', {class: 'axis', d: `M${at.left} ${at.y(value)}H${at.right}`});
    make('text', {x: at.left - 6, y: at.y(value) + 4, 'text-anchor': 'end'}, value.toFixed(1));
  }
  for (const [key, name] of [['train_loss', 'train'], ['val_loss', 'validation']]) {
    const points = shown.filter(row => row[key] !== null).map(row => [at.x(row.step), at.y(row[key])]);
    if (points.length) make('path', {class: 'loss ' + name, d: line(points)});
  }
  const known = shown.filter(row => row.val_loss !== null);
  const lossAt = step => (known.length ? known : shown).reduce((best, row) => Math.abs(row.step - step) < Math.abs(best.step - step) ? row : best);
  for (const {step} of checkpoints) {
    const row = lossAt(step);
    const dot = make('circle', {cx: at.x(step), cy: at.y(row.val_loss ?? row.train_loss), r: step === chosen ? 6 : marked.has(step) ? 4.5 : 3,
      class: (marked.has(step) ? 'marked' : '') + (step === chosen ? ' chosen' : ''), 'data-step': step});
    dot.addEventListener('click', () => choose(step));
    dot.append(Object.assign(document.createElementNS(picture.namespaceURI, 'title'), {textContent: 'step ' + step}));
  }
  make('text', {x: at.left, y: HEIGHT - 6}, 'step ' + shown[0].step);
  make('text', {x: at.right, y: HEIGHT - 6, 'text-anchor': 'end'}, checkpoints.at(-1).step.toLocaleString('en'));
  return picture;
}
