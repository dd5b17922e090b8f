// One prompt, continued by several checkpoints of a run, so that the user can read what the loss curve means.
import {ApiError, post} from '../api.js';
import {field, note} from './asking.js';
import {fewSteps, follow, keepingFocus, lossCurve, spread} from './steps.js';

export const id = 'checkpoints';
export const title = 'Checkpoints';

const ROWS = 6, MOST_ROWS = 16, TOKENS = 40, TEMPERATURE = 0.8;
const EMPTY = 'Write a prompt, then press “Write again”.';
const {element} = inkling;
let app, root, run = null, picked = new Set(), chosen = null, making = null, look;
let prompt, seed, temperature, line, few, curve, rows;
let asked = {};                // the prompt and settings that all rows have; the form may differ until the next begin()
const texts = new Map();       // step → what its checkpoint wrote with `asked`

export function mount(place, theApp) {
  [root, app] = [place, theApp];
  prompt = element('textarea', {rows: 2, spellcheck: 'false'});
  seed = element('input', {type: 'number', min: 0, max: 2147483647, value: 1});
  temperature = element('input', {type: 'number', min: 0, max: 2, step: 0.1, value: TEMPERATURE});
  const form = element('form', {class: 'prompt-row'}, field('Prompt', prompt), field('Seed', seed), field('Temperature', temperature),
    element('p', {}, element('button', {type: 'submit'}, 'Write again')));
  line = element('p', {class: 'note', role: 'status'});
  few = element('div', {class: 'few'});
  curve = element('figure', {class: 'curve'});
  rows = element('ol', {class: 'rows'});
  root.append(note('In each row, the checkpoint of that step continues the same prompt with the same seed. Choose a point of the curve '
    + 'to add a row. While the run trains, new checkpoints appear by themselves.'), form, few, curve, line, rows);
  form.addEventListener('submit', event => {
    event.preventDefault();
    again();
  });
  look = follow(root, app, found);
}

function found(now) {
  const first = !run || run.run !== now.run || run.model !== now.model;
  few.replaceChildren(...fewSteps(now, app.state.properties));
  const newest = run && !first ? run.checkpoints.at(-1)?.step : null;
  run = now;
  if (first) begin();
  if (!run.run || !run.checkpoints.length) {
    line.textContent = 'This model is no checkpoint of a run, so there is nothing to compare it with.';
    curve.replaceChildren();
    rows.replaceChildren();
    return;
  }
  line.textContent = '';
  const steps = run.checkpoints.map(checkpoint => checkpoint.step);
  if (first) {
    picked = new Set(spread(steps, ROWS));
  } else {
    picked = new Set(steps.filter(step => picked.has(step) || step > newest));
    if (picked.size > MOST_ROWS) picked = new Set([...spread([...picked], ROWS), ...(picked.has(chosen) ? [chosen] : [])]);
  }
  write();
}

function again() {
  begin();
  write();
}

/** Takes the prompt and settings of the form for all rows. Drops the texts so far, and cancels the request under way. */
function begin() {
  texts.clear();
  making?.abort();
  making = null;
  asked = {prompt: prompt.value, seed: Number(seed.value) || 0, temperature: Number(temperature.value)};
}

/** Draws the curve and the rows. Then asks for the texts that rows do not have yet, one after the other, the lowest step first. */
async function write() {
  draw();
  if (!asked.prompt && run?.run) line.textContent = EMPTY;
  if (making || !asked.prompt || !run?.run) return;
  line.textContent = '';
  const mine = making = new AbortController();
  try {
    for (let step = missing(); step !== undefined; step = missing()) {
      const body = {model: run.model, step, ...asked, max_tokens: TOKENS};
      const written = await post('/inkling/v1/sample', body, {signal: mine.signal}).catch(e => {
        if (e.name === 'AbortError' || !(e instanceof ApiError)) throw e;
        if (e.retryable) return null;
        return {fault: e.message};
      });
      if (mine.signal.aborted) return;
      if (written) {
        texts.set(step, written);
        const row = rows.querySelector(`[data-step="${step}"]`);
        if (row) fill(row, step);
      } else {
        await new Promise(done => setTimeout(done, 1000));
      }
    }
  } catch (e) {
    if (e.name !== 'AbortError') line.textContent = e.message;
  } finally {
    if (making === mine) making = null;
  }
}

const shown = () => run.checkpoints.filter(({step}) => picked.has(step));
const missing = () => shown().map(({step}) => step).find(step => !texts.has(step));

function choose(step) {
  chosen = step;
  picked.add(step);
  write();
}

const loss = value => value === null ? '–' : value.toFixed(3);

function draw() {
  if (!run?.run) return;
  keepingFocus(curve, drawCurve);
  keepingFocus(rows, drawRows);
}

function drawCurve() {
  const picture = lossCurve(curve, run, picked, chosen, choose);
  curve.replaceChildren(...(picture ? [picture, element('figcaption', {class: 'note'},
    element('span', {class: 'key line train'}, 'training loss'), ' ', element('span', {class: 'key line validation'}, 'validation loss'),
    ` in ${run.loss_unit}; `, picture.querySelector('.measured') ? 'rings: where the validation loss was measured; ' : '',
    'points: checkpoints')] : []));
}

function drawRows() {
  rows.replaceChildren(...shown().map(({step, last, best, train_loss: train, val_loss: validation}) => {
    const name = element('button', {type: 'button', 'aria-pressed': String(step === chosen)}, 'step ' + step.toLocaleString('en'));
    name.addEventListener('click', () => choose(step));
    return fill(element('li', {'data-step': step, class: step === chosen ? 'chosen' : ''},
      element('p', {class: 'of'}, name, ' ', element('span', {class: 'note number'},
        `${validation === null ? 'training' : 'validation'} loss ${loss(validation ?? train)}`
        + (best ? ', the best' : '') + (last ? ', the newest' : '') + (step === run.serving ? ', the model that is served' : ''))),
      element('p', {class: 'written'})), step);
  }));
}

/** Puts what a checkpoint wrote into its row. Changes nothing else, so that a click on a row or on the curve is not lost. */
function fill(row, step) {
  const written = texts.get(step);
  row.dataset.state = written ? 'written' : asked.prompt ? 'waiting' : 'empty';
  row.querySelector('.written').replaceChildren(element('span', {class: 'given'}, asked.prompt),
    written ? written.fault ?? written.text : asked.prompt ? ' …' : '');
  return row;
}

export function show(selection) {
  const before = prompt.value;
  if (selection && !prompt.dataset.own) prompt.value = selection.text;
  if (!selection && !before) prompt.value = app.state.properties?.beginning ?? '';
  prompt.oninput = () => { prompt.dataset.own = 'true'; };
  if (run) {
    if (prompt.value !== before) begin();
    write();
  }
  look();
}
