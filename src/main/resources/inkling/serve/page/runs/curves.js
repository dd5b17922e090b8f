// The curves of one run as the page has them. If a curve has more than MOST points, the page asks for all of them again, as fewer points.
// So the page's memory does not grow with the run.

const MOST = 3000;
const WIDEST = 12;       // a moving average is at most 1 / 12 of a line wide, so that enough of its form is left
const REACH = 6;         // how many widths a moving average reaches: all beyond has 1 / 400 of its weight
const PARTS = ['steps', 'last', 'mean', 'low', 'high'];

/**
 * `series[name]` is {steps, last, mean, low, high}, which are arrays of the same length. Point i stands for the rows after steps[i − 1] up
 * to steps[i]. last[i] is the value at steps[i]. mean[i], low[i] and high[i] are of all rows of the point.
 */
export function createCurves() {
  const curves = {series: {}, history: '', after: -1};

  const whole = part => ({...part, mean: part.mean || part.last, low: part.low || part.last, high: part.high || part.last});

  /**
   * Takes points from the server. If `metrics.after` is a step, they are the points after it. If it is −1 or missing, they are all points,
   * which replace those known here. Returns true if the page should ask for all points again, because the curves have too many points or a
   * gap.
   */
  curves.take = metrics => {
    const anew = metrics.history !== curves.history || metrics.after === -1 || metrics.after === undefined;
    if (!anew && metrics.after !== curves.after) return metrics.last > curves.after;     // a gap, or nothing new
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
 * A line without its noise. `strength` goes from 0, which leaves the line as it is, to below 1. The smooth line is the mean of two moving
 * averages: over the points before, and over the points after. So it does not lag behind. A loss falls fastest near the beginning. There
 * the second average reaches no farther than the first, so that the smooth line begins where the run began.
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

/** The exponential moving average: the value k points back has the weight `decay` to the power of k. */
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
 * Brings lines, each with steps of its own, into the form that uPlot takes: one rising list of all their steps, then a list of values for
 * each line. At a step that a line does not have, its value is undefined.
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

/** The index of the value nearest to `wanted` in a rising list; −1 for an empty list. */
export function nearest(list, wanted) {
  let low = 0, high = list.length - 1;
  while (high - low > 1) {
    const middle = low + high >> 1;
    if (list[middle] <= wanted) low = middle; else high = middle;
  }
  return high < 0 ? -1 : wanted - list[low] <= list[high] - wanted ? low : high;
}
