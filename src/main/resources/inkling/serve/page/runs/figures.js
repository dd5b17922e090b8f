// How a run's numbers are written.
import {count} from '../words.js';

const {element} = inkling;

export const grouped = n => Math.round(n).toLocaleString('en');

/** A time as `inkling runs` writes it: 42 s, 12 min, 3.5 h. */
export const time = seconds => seconds < 120 ? `${Math.round(seconds)} s`
  : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;

export const bytes = n => n >= 1e9 ? `${(n / 1e9).toFixed(1)} GB`
  : n >= 1e6 ? `${(n / 1e6).toFixed(1)} MB` : `${Math.ceil(n / 1e3)} kB`;

/** A measured value, with so many digits that neighbouring values of a curve differ. */
export function value(v) {
  if (v === 0 || !Number.isFinite(v)) return String(v);
  const text = Math.abs(v) < 1e-3 ? v.toExponential(3) : Math.abs(v) >= 1000 ? grouped(v) : String(Number(v.toPrecision(5)));
  return text.replace(/^-/, '−');
}

/** What the losses of a run are measured in. */
export const lossUnit = series => series.val_reward_accuracy ? 'nats per pair' : 'nats per token';

export const lossAt = point => point ? `${point.loss.toFixed(4)} at ${grouped(point.step)}` : '–';

const WORDS = {running: 'training', finished: 'finished', stopped: 'stopped', out_of_time: 'out of time', stopped_early: 'stopped early',
  diverged: 'diverged', starting: 'starting…', stopping: 'saving…'};

/** An element that says what a run is doing. Its class gives it a colour. */
export function stateOf(run) {
  const state = run.starting ? 'starting' : run.stopping ? 'stopping' : run.state;
  return element('span', {class: 'state state-' + state}, WORDS[state] || state);
}

export const wrong = run => run.warnings.filter(warning => !warning.passed);

/** The class that draws a run in its own colour, the same in curves and tables. */
export const colourOf = index => 'run-' + (index % 8 + 1);

export const linkTo = name => '#' + new URLSearchParams({run: name});

/** The figures of a run, each with its name and a remark. */
export function figuresOf(run, series) {
  const {last_train_loss: train, best_val_loss: best, memory, seconds_left: left} = run, speed = series.tokens_per_second;
  const perplexity = best && !series.val_reward_accuracy ? `, perplexity ${Math.exp(best.loss).toFixed(2)}` : '';
  const all = [
    ['training loss', train ? train.loss.toFixed(4) : '–', train ? 'at step ' + grouped(train.step) : 'nothing logged yet'],
    ['best validation loss', best ? best.loss.toFixed(4) : '–', best ? `at step ${grouped(best.step)}${perplexity}`
      : run.last_val_loss ? `${run.last_val_loss.loss.toFixed(4)} before the first update` : 'not evaluated yet'],
    ['tokens', grouped(run.tokens), speed ? `${value(speed.last[speed.last.length - 1])} a second` : ''],
    ['time', time(run.seconds), left !== null ? `about ${time(left)} left, evaluations not counted` : 'of updates'],
    ...memory ? [['memory', bytes(memory.now), `of the training; at most ${bytes(memory.most)}`]] : [],
    ['on disk', bytes(run.bytes), count(run.checkpoints.length, 'checkpoint')],
  ];
  return all.map(([label, number, note]) => element('div', {}, element('dt', {}, label), element('dd', {class: 'number'}, number),
    element('dd', {class: 'note'}, note)));
}
