// One run: how far it is, its curves as they grow, what its model wrote during the training, and buttons that steer it.
import {createChart} from './chart.js';
import {createCurves, smoothed} from './curves.js';
import {figuresOf, grouped, lossUnit, stateOf, time} from './figures.js';
import {showSamples} from './samples.js';
import {pathOf} from './server.js';
import {showSteering} from './steering.js';
import {button, labelled} from '../words.js';

const {element} = inkling;
const SMOOTHING = 0.8;

const NOTHING = {steps: [], last: [], mean: [], low: [], high: []};
const SMALL = 168;       // the height of a small chart in pixels

/** The charts besides the chart of losses. Each shows a `column` of metrics.csv; some show a second column, `validation`, over it. */
const SMALL_CHARTS = [
  {id: 'rate', title: 'Learning rate', unit: 'learning rate', column: 'learning_rate', scales: ['from_zero', 'log']},
  {id: 'norm', title: 'Gradient norm', unit: 'norm before clipping', column: 'grad_norm', scales: ['log', 'linear']},
  {id: 'speed', title: 'Speed', unit: 'tokens per second', column: 'tokens_per_second', scales: ['from_zero']},
  {id: 'right', title: 'Pairs ranked correctly', unit: 'share', column: 'reward_accuracy', validation: 'val_reward_accuracy',
    scales: ['from_zero']},
  {id: 'margin', title: 'Reward margin', unit: 'nats', column: 'reward_margin', validation: 'val_reward_margin', scales: ['linear']},
  {id: 'gain', title: 'Chosen answers against the reference', unit: 'nats per token', column: 'val_chosen_gain', scales: ['linear']},
];

const BAND = name => [{name: name + ' least', colour: '--data', fill: '--data-soft', kind: 'band', told: false},
  {name: name + ' most', colour: '--data', kind: 'band', told: false}];
const VALIDATION = {name: 'validation', colour: '--ink', kind: 'points', measured: true};

export function showRun(root, server, name) {
  const over = new AbortController(), {signal} = over;
  const curves = createCurves();
  const opened = performance.now();
  let run = null, detail = null, zoom = null, strength = SMOOTHING, drawn = false, asking = null, loading = false;

  const title = element('h1', {}, name), place = element('p', {class: 'place'});
  const warnings = element('div', {class: 'warnings', role: 'status'});
  const figures = element('dl', {class: 'figures'}), fault = element('p', {class: 'warning', hidden: ''});
  const progress = element('progress', {class: 'updates', max: 1, value: 0, 'aria-label': 'Updates made'});
  const charts = element('div', {class: 'charts'}), text = element('pre');
  const config = element('details', {class: 'config'}, element('summary', {}, 'Run file'), text);
  const zoomed = element('span', {class: 'note'}), all = button('Show all', () => setZoom(null), {class: 'quiet', disabled: ''});
  const smoothing = element('input', {type: 'range', min: 0, max: 0.98, step: 0.02, value: strength, 'aria-label': 'Smoothing'});
  const steering = showSteering(server, name, () => run), samples = showSamples(server, name, signal, step => choose(step));
  const words = element('p', {class: 'note words'}, 'Loss: how unsure the model is of the next token, in nats; at 0 it would be '
    + 'certain. Before its first update a model guesses among all tokens alike: with 1,024 tokens its loss is ln 1,024 = 6.93. '
    + 'Points: the loss on text that the training never reads (validation). Learning rate: how large a step an update makes. '
    + 'Gradient norm: how steep the loss was at an update.');
  document.title = name + ' · Inkling';
  smoothing.addEventListener('input', () => { strength = Number(smoothing.value); draw(); });
  config.addEventListener('toggle', () => config.open && loadConfig());

  const on = {zoom: (from, to) => setZoom(from === null ? null : {from, to}), step(step) {
    samples.choose(step);
    samples.panel.scrollIntoView({block: 'nearest'});
  }};
  const loss = createChart({id: 'loss', title: 'Loss', unit: 'nats per token', height: 340, scales: ['linear', 'log'], lines: [
    ...BAND('train'), {name: 'train', colour: '--data', kind: 'thin'}, {name: 'smoothed', colour: '--learned', kind: 'line'},
    VALIDATION]}, on);
  const small = SMALL_CHARTS.map(spec => ({...spec, chart: createChart({...spec, height: SMALL,
    lines: [...BAND(spec.title), {name: spec.title.toLowerCase(), colour: spec.column.startsWith('val') ? '--ink' : '--data',
      kind: spec.column.startsWith('val') ? 'points' : 'thin'}, ...spec.validation ? [VALIDATION] : []]}, {...on, step: undefined})}));
  charts.append(loss.figure, samples.strip, samples.panel, ...small.map(s => s.chart.figure));

  root.append(element('p', {class: 'up'}, element('a', {href: '/runs#'}, '← All runs')),
    element('div', {class: 'run-head'}, element('div', {}, title, place), steering.buttons), progress, fault, warnings, figures,
    element('div', {class: 'row tools'}, labelled('Smoothing', smoothing), all, zoomed,
      element('span', {class: 'note hint'}, 'Drag across a curve to zoom. Click the curve of the loss to read what the model wrote then.')),
    charts, words, config, steering.dialog);

  function draw() {
    const {series} = detail || curves, train = series.train_loss || NOTHING, validation = series.val_loss || NOTHING;
    loss.set([...raw(train), {steps: train.steps, values: smoothed(train.mean, strength)},
      {steps: validation.steps, values: validation.last}]);
    loss.unit(lossUnit(curves.series));                         // a zoomed range may have no evaluation
    words.hidden = Boolean(curves.series.val_reward_accuracy);
    for (const {chart, column, validation: second} of small) {
      const over = second && series[second] || NOTHING;
      chart.set([...raw(series[column] || NOTHING, true), ...second ? [{steps: over.steps, values: over.last}] : []]);
    }
    if (!drawn && curves.after >= 0) {
      drawn = true;
      measured('draw', opened);
    }
  }

  /**
   * Shows the steps `range.from` to `range.to`, or all steps if `range` is null. At first it draws the points that the page has; then
   * more, once the server sends them.
   */
  function setZoom(range) {
    const began = performance.now();
    zoom = range && range.to - range.from >= 1
      ? {from: Math.max(0, range.from), to: Math.min(range.to, Math.max(curves.after, 1))} : null;
    if (zoom && zoom.from >= zoom.to) zoom = null;
    all.disabled = !zoom;
    zoomed.textContent = zoom ? `Steps ${grouped(zoom.from)} to ${grouped(zoom.to)}` : '';
    detail = null;
    draw();
    for (const chart of [loss, ...small.map(s => s.chart)]) chart.zoom(zoom ? zoom.from : null, zoom?.to);
    measured('zoom', began);
    asking?.abort();
    if (zoom) loadDetail(zoom);
  }

  async function loadDetail(wanted) {
    asking = new AbortController();
    try {
      const metrics = await server.get(pathOf(name, '/metrics?' + new URLSearchParams(wanted)), asking.signal);
      if (zoom !== wanted || signal.aborted) return;
      detail = createCurves();
      detail.take(metrics);
      draw();
      root.dataset.detail = `${wanted.from}-${wanted.to}`;
    } catch (e) {
      if (e.name !== 'AbortError') tellFault(e.message);
    }
  }

  /** Asks for all rows again, as fewer points. If the answer lacks rows that have come meanwhile, asks again. */
  async function loadWhole() {
    if (loading) return;
    loading = true;
    const metrics = await server.get(pathOf(name, '/metrics'), signal).catch(() => null);
    loading = false;
    if (!metrics || signal.aborted) return;
    if (metrics.history === curves.history && metrics.last < curves.after) return void loadWhole();
    curves.take(metrics);
    root.dataset.after = curves.after;
    if (!zoom) draw();
  }

  async function loadConfig() {
    text.textContent = (await server.get(pathOf(name), signal).catch(e => ({config: e.message}))).config;
  }

  function choose(step) {
    loss.mark(run?.sample_steps || [], step);
  }

  function tellFault(text) {
    fault.textContent = text || '';
    fault.hidden = !text;
  }

  function tellRun() {
    place.replaceChildren(stateOf(run), ` ${grouped(run.step)} of ${grouped(run.max_steps)} updates`,
      ...run.seconds_left !== null ? [`, about ${time(run.seconds_left)} left`] : []);
    progress.max = run.max_steps;
    progress.value = Math.min(run.step, run.max_steps);
    progress.textContent = `${grouped(run.step)} of ${grouped(run.max_steps)}`;
    tellWarnings();
    figures.replaceChildren(...figuresOf(run, curves.series));
    steering.update(run);
    samples.update(run);
    choose(samples.chosen());
  }

  function tellWarnings() {
    const now = JSON.stringify(run.warnings);
    if (warnings.dataset.now === now) return;
    warnings.dataset.now = now;
    warnings.replaceChildren(...run.warnings.map(w => element('p', {class: w.passed ? 'note' : 'warning', 'data-kind': w.kind}, w.text)));
  }

  function take(news) {
    tellFault(news.fault);
    if (news.run) run = news.run;
    const many = news.metrics && curves.take(news.metrics);
    if (news.metrics && !zoom) draw();
    if (news.run || news.metrics) tellRun();
    root.dataset.state = 'ready';
    root.dataset.after = curves.after;
    if (many) loadWhole();
  }

  server.live(name, () => ({...curves.after < 0 ? {} : {after: curves.after}, history: curves.history}),
    news => signal.aborted || take(news), signal)
    .catch(e => {
      if (signal.aborted) return;
      if (e.status === 404) showNoRun(root, name, e.message);
      else tellFault(e.message);
      root.dataset.state = 'gone';
    });
  return () => {
    over.abort();
    asking?.abort();
    for (const chart of [loss, ...small.map(s => s.chart)]) chart.end();
  };
}

function showNoRun(root, name, hint) {
  root.replaceChildren(element('p', {class: 'up'}, element('a', {href: '/runs#'}, '← All runs')),
    element('h1', {}, `There is no run ${name}`), element('p', {class: 'warning'}, hint));
}

/**
 * What was measured, as three lines. If each point is one row, the third line has the values, and the other two are empty. Else the first
 * two are the least and the largest value of each point's rows; the chart is filled between them. The third line then has the means if
 * `withMeans`, and is empty if not.
 */
function raw({steps, last, mean, low, high}, withMeans = false) {
  const single = low.every((v, i) => v === high[i]);
  const none = {steps, values: new Array(steps.length)};
  return single ? [none, none, {steps, values: last}] : [{steps, values: low}, {steps, values: high},
    {steps, values: withMeans ? mean : none.values, read: last}];
}

/** Measures the page. performance.getEntriesByName('draw') has the time until the first drawing, 'zoom' the time of the last zoom. */
function measured(what, began) {
  requestAnimationFrame(() => setTimeout(() => {
    performance.clearMeasures(what);
    performance.measure(what, {start: began, end: performance.now()});
  }));
}
