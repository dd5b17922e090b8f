// The curves of one run as the page has them: at most MOST points each, whatever the run's length and however long the page is open.

const MOST = 3000;
const WIDEST = 12;       // smoothing covers at most 1 / 12 of a line, or little of it would be left
const REACH = 6;         // widths that a moving average reaches: what is beyond has 1 / 400 of its weight
const PARTS = ['steps', 'last', 'mean', 'low', 'high'];

/**
 * `series[name]` is {steps, last, mean, low, high}: arrays of the same length; point i stands for the rows after steps[i − 1] up to
 * steps[i], where last[i] was measured.
 */
export function createCurves() {
  const curves = {series: {}, history: '', after: -1};

  const whole = part => ({...part, mean: part.mean || part.last, low: part.low || part.last, high: part.high || part.last});

  /**
   * Takes points that the server tells: those that follow row `after`, or, without `after`, all of them, in place of what is known here.
   * Returns true if the page should ask for all of them again, because too many have come one by one, or some are missing.
   */
  curves.take = metrics => {
    const anew = metrics.history !== curves.history || metrics.after === -1 || metrics.after === undefined;
    if (!anew && metrics.after !== curves.after) return metrics.last > curves.after;     // a gap, or what is known already
    if (anew) curves.series = {};
    let most = 0;
    for (const [name, part] of Object.entries(metrics.series)) {
      const more = whole(part), known = curves.series[name];
      if (!known) curves.series[name] = Object.fromEntries(PARTS.map(key => [key, more[key].slice()]));
      else for (const key of PARTS) for (const v of more[key]) known[key].push(v);
      most = Math.max(most, curves.series[name].steps.length);
    }
    curves.history = metrics.history;
    curves.after = metrics.last;
    return most > MOST;
  };

  return curves;
}

/**
 * A line without its noise, by a `strength` from 0 (as it is) to below 1. It is the mean of two moving averages, one over the points before
 * and one over the points after, so that it does not lag behind. Near the beginning, where a loss falls fastest, the second reaches no
 * farther than the first, so that the line begins where the run began, however long it became.
 */
export function smoothed(values, strength) {
  const width = Math.max(1, Math.min(1 / (1 - strength), values.length / WIDEST)), decay = 1 - 1 / width;   // width in points
  const before = movingAverage(values, decay), after = movingAverage(values.slice().reverse(), decay).reverse();
  return before.map((v, i) => (v + (i < REACH * width ? ahead(values, i, decay) : after[i])) / 2);
}

/** The moving average over point i and the i points after it. */
function ahead(values, i, decay) {
  let sum = 0, weight = 0;
  for (let k = Math.min(i, values.length - 1 - i); k >= 0; k--) {
    sum = decay * sum + (1 - decay) * values[i + k];
    weight = decay * weight + (1 - decay);
  }
  return sum / weight;
}

/** The exponential moving average: each step back, a value counts `decay` times as much. */
function movingAverage(values, decay) {
  const out = new Array(values.length);
  let sum = 0, weight = 0;
  for (let i = 0; i < values.length; i++) {
    sum = decay * sum + (1 - decay) * values[i];
    weight = decay * weight + (1 - decay);
    out[i] = sum / weight;
  }
  return out;
}

/**
 * Lines that have steps of their own, in the form that uPlot wants: one rising list of all their steps, and for each line a value, or
 * undefined, at each of them.
 */
export function aligned(lines) {
  const all = [...new Set(lines.map(line => line.steps))];
  let steps = all[0] || [];
  for (const other of all.slice(1)) steps = merged(steps, other);
  return [steps, ...lines.map(({steps: own, values}) => {
    if (own === steps) return values;
    const out = new Array(steps.length);
    for (let i = 0, k = 0; i < steps.length && k < own.length; i++) if (steps[i] === own[k]) out[i] = values[k++];
    return out;
  })];
}

function merged(a, b) {
  const out = [];
  let i = 0, k = 0;
  while (i < a.length || k < b.length) {
    const step = k >= b.length || a[i] < b[k] ? a[i] : b[k];
    if (a[i] === step) i++;
    if (b[k] === step) k++;
    out.push(step);
  }
  return out;
}

/** The index of the value nearest to `wanted` in a rising list; −1 in an empty one. */
export function nearest(list, wanted) {
  let low = 0, high = list.length - 1;
  while (high - low > 1) {
    const middle = low + high >> 1;
    if (list[middle] <= wanted) low = middle; else high = middle;
  }
  return high < 0 ? -1 : wanted - list[low] <= list[high] - wanted ? low : high;
}
