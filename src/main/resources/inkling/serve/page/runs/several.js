// The curves of several runs, laid over each other. Each run has a colour. Below the curves are the keys in which the run files differ.
import {createChart} from './chart.js';
import {createCurves, smoothed} from './curves.js';
import {colourOf, grouped, linkTo, lossAt, lossUnit, stateOf} from './figures.js';
import {labelled} from '../words.js';
import {pathOf, pause, visible} from './server.js';

const {element} = inkling;
const BETWEEN = 2000, SMOOTHING = 0.8, SMALL = 238;   // BETWEEN: milliseconds between two looks; SMALL: pixels of a chart's height
const PER_TOKEN = 'nats per token';
const NOTHING = {steps: [], last: [], mean: []};
const COLOURS = ['--learned', '--accent', '--ink', '--data'];
const CHARTS = [
  {id: 'loss', title: 'Validation loss', unit: PER_TOKEN, column: 'val_loss', scales: ['linear', 'log'], height: 338,
    kind: 'points'},
  {id: 'train', title: 'Training loss, smoothed', unit: PER_TOKEN, column: 'train_loss', scales: ['linear', 'log'], smooth: true},
  {id: 'rate', title: 'Learning rate', unit: 'learning rate', column: 'learning_rate', scales: ['from_zero', 'log']},
  {id: 'norm', title: 'Gradient norm, smoothed', unit: 'norm before clipping', column: 'grad_norm', scales: ['log', 'linear'],
    smooth: true},
];

export function showSeveral(root, server, names) {
  const over = new AbortController(), {signal} = over;
  const runs = names.map(name => ({name, curves: createCurves(), status: null}));
  let strength = SMOOTHING;
  const body = element('tbody'), differences = element('div'), fault = element('p', {class: 'warning', hidden: ''});
  const head = ['run', 'state', 'updates', 'best validation loss', 'last', 'last training loss'].map((h, i) =>
    element('th', {scope: 'col', class: i > 1 ? 'number' : ''}, h));
  const smoothing = element('input', {type: 'range', min: 0, max: 0.98, step: 0.02, value: strength, 'aria-label': 'Smoothing'});
  smoothing.addEventListener('input', () => { strength = Number(smoothing.value); draw(); });
  document.title = names.join(', ') + ' · Inkling';

  const charts = CHARTS.map(spec => ({...spec, chart: createChart({height: SMALL, ...spec, lines: runs.map((run, i) => ({name: run.name,
    css: colourOf(i), colour: COLOURS[i % 4], dash: i % 8 > 3 ? [6, 4] : undefined, kind: spec.kind || 'line'}))}, {zoom})}));
  const box = element('div', {class: 'charts several'}, ...charts.map(c => c.chart.figure));
  root.append(element('p', {class: 'up'}, element('a', {href: '/runs#'}, '← All runs')), element('h1', {}, names.join(', ')), fault,
    scrolled('Runs', element('table', {class: 'table standings'}, element('thead', {}, element('tr', {}, ...head)), body)),
    element('div', {class: 'row tools'}, labelled('Smoothing', smoothing),
      element('span', {class: 'note hint'}, 'Drag across a curve to zoom, double-click to see all.')),
    box, differences);

  function zoom(from, to) {
    for (const {chart} of charts) chart.zoom(from, to);
  }

  function draw() {
    const units = [...new Set(runs.map(run => lossUnit(run.curves.series)))].sort().reverse().join(', of preferences ');
    for (const {chart, column, smooth, unit} of charts) {
      if (unit === PER_TOKEN) chart.unit(units);
      chart.set(runs.map(({curves}) => {
        const part = curves.series[column] || NOTHING;
        return {steps: part.steps, values: smooth ? smoothed(part.mean, strength) : part.last};
      }));
    }
  }

  /** Adds a row for each run at its first status. Later only the cells after the name change, so that a click on the name is not lost. */
  function table() {
    for (const run of runs.filter(run => run.status)) {
      const {status} = run, number = text => element('td', {class: 'number'}, text);
      if (!run.row) {
        run.row = element('tr', {}, element('th', {scope: 'row'}, keyOf(runs.indexOf(run)),
          element('a', {href: linkTo(run.name)}, run.name)));
        body.append(run.row);
      }
      [...run.row.cells].slice(1).forEach(cell => cell.remove());
      run.row.append(element('td', {}, stateOf(status)), number(`${grouped(status.step)} of ${grouped(status.max_steps)}`),
        number(lossAt(status.best_val_loss)), number(lossAt(status.last_val_loss)), number(lossAt(status.last_train_loss)));
    }
  }

  async function look(run) {
    const status = await server.get(pathOf(run.name), signal);
    const before = run.status;
    run.status = status;
    if (before && before.state !== 'running' && status.state !== 'running') return;
    const {history, after} = run.curves;
    const metrics = await server.get(pathOf(run.name, after < 0 ? '/metrics' : '/metrics?after=' + after), signal);
    const anew = after >= 0 && metrics.history !== history;
    if (anew || run.curves.take({...metrics, after: after < 0 ? undefined : after})) {
      const whole = await server.get(pathOf(run.name, '/metrics'), signal), curves = createCurves();
      curves.take({...whole, after: undefined});
      run.curves = curves;
    }
  }

  async function compare() {
    const told = await server.post('/inkling/v1/compare-runs', {runs: names});
    const rows = told.differences.map(({key, values}) => element('tr', {}, element('th', {scope: 'row'}, key),
      ...values.map(v => element('td', {}, v))));
    const head = element('tr', {}, element('th', {scope: 'col'}, 'key'),
      ...runs.map((run, i) => element('th', {scope: 'col'}, keyOf(i), run.name)));
    differences.append(element('h2', {}, 'What differs'), rows.length
      ? scrolled('Keys that differ',
        element('table', {class: 'table differences'}, element('thead', {}, head), element('tbody', {}, ...rows)))
      : element('p', {class: 'note'}, 'Nothing: their run files say the same, apart from their names.'));
  }

  (async () => {
    for (let first = true; ; first = false) {
      await visible(signal);
      for (const run of runs) {
        await look(run).then(() => { run.fault = ''; }, e => {
          const fault = `${run.name}: ${e.message}`;
          if (signal.aborted || !run.status) throw new Error(fault);
          run.fault = fault;                             // e.g. the run is being resumed: the next look may succeed
        });
      }
      fault.textContent = runs.map(run => run.fault).filter(Boolean).join(' ');
      fault.hidden = !fault.textContent;
      if (first) await compare();
      draw();
      table();
      root.dataset.state = 'ready';
      await pause(BETWEEN, signal);
    }
  })().catch(e => {
    if (signal.aborted) return;
    fault.textContent = e.message;
    fault.hidden = false;
    root.dataset.state = 'gone';
  });
  return () => {
    over.abort();
    charts.forEach(({chart}) => chart.end());
  };
}

const keyOf = index => element('span', {class: 'key ' + colourOf(index)});

const scrolled = (label, table) => element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label}, table);
