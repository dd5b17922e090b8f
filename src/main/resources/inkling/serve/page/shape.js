// The distribution that a token is drawn from. The settings of sampling shape the model's logits (V) here as on the server, in double
// precision. Nothing here asks the server, so a slider has its effect at once.

const LN_2 = Math.log(2);

/** Decodes the logits that /inkling/v1/distribution gives: float32, little-endian, in base 64. */
export function logitsOf(base64) {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({length: bytes.length / 4}, (_, i) => view.getFloat32(4 * i, true));
}

const exact = new WeakMap();                                   // logits → the same numbers in double precision
const orders = new WeakMap();                                  // an array of logits → its order

/**
 * Applies the repetition penalty to each distinct id in `seen`: divides a positive logit by it, and multiplies a negative logit by it.
 * Without a penalty the result is the same array at each call, so that the logits are sorted only once.
 */
function penalised(logits, seen, penalty) {
  if (penalty === 1) {
    if (!exact.has(logits)) exact.set(logits, Float64Array.from(logits));
    return exact.get(logits);
  }
  const z = Float64Array.from(logits);
  for (const id of new Set(seen)) z[id] = z[id] < 0 ? z[id] * penalty : z[id] / penalty;
  return z;
}

function softmax(z, temperature) {
  let largest = -Infinity;
  for (const v of z) largest = Math.max(largest, v);
  const p = z.map(v => Math.exp((v - largest) / temperature));
  let sum = 0;
  for (const v of p) sum += v;
  return p.map(v => v / sum);
}

/** All ids, the largest logit first; among equal logits, the lower id first. */
function ordered(z) {
  if (!orders.has(z)) orders.set(z, Uint32Array.from(z.keys()).sort((a, b) => z[b] - z[a] || a - b));
  return orders.get(z);
}

/** Keeps only the first `n` ids of `order`. Adds to `removals` what the setting `by` removed. */
function keepFirst(step, n, by) {
  const {p, order, kept} = step;
  let mass = 0, taken = 0;
  for (let i = 0; i < n; i++) mass += p[order[i]];            // not 1 − taken, which would be mostly rounding error if little is left
  for (let i = n; i < kept; i++) {
    taken += p[order[i]];
    p[order[i]] = 0;
  }
  if (n < kept) for (let i = 0; i < n; i++) p[order[i]] /= mass;
  step.removals.push({by, tokens: kept - n, probability: taken});
  step.kept = n;
}

function topK(step, k) {
  const {z, order, kept} = step;
  let n = Math.min(k, kept);
  while (n < kept && z[order[n]] === z[order[n - 1]]) n++;     // tokens that tie with the k-th stay
  keepFirst(step, n, 'top-k ' + k);
}

function topP(step, share) {
  const {p, order, kept} = step;
  let n = 0;
  for (let reached = 0; n < kept && reached < share; n++) reached += p[order[n]];
  keepFirst(step, n, 'top-p ' + share);
}

function minP(step, share) {
  const {p, order, kept} = step;
  const least = share * p[order[0]];
  let n = 0;
  while (n < kept && p[order[n]] >= least) n++;
  keepFirst(step, n, 'min-p ' + share);
}

/**
 * The distribution that a token is drawn from.
 *
 * @param logits (V), the model's own
 * @param seen the ids of the text so far, for the repetition penalty
 * @param options the settings, named as in requests
 * @returns an object with
 *     p         (V), the probabilities after all cuts
 *     whole     (V), the probabilities before the cuts; at temperature 0, those of temperature 1
 *     order     (V), the ids by likelihood
 *     kept      how many of them, from the first, were kept
 *     removals  {by, tokens, probability} of each cut
 *     bits      the entropy of p
 */
export function shaped(logits, seen, options) {
  const {temperature, top_k: k, top_p: share, min_p: least, repetition_penalty: penalty} = options;
  const z = penalised(logits, seen, penalty);
  const order = ordered(z);
  const whole = softmax(z, temperature === 0 ? 1 : temperature);
  const step = {z, order, whole, p: whole.slice(), kept: z.length, removals: []};
  while (step.kept > 1 && z[order[step.kept - 1]] === -Infinity) step.kept--;
  if (temperature === 0) {
    keepFirst(step, 1, 'temperature 0');
    step.p[order[0]] = 1;
  } else {
    if (k > 0) topK(step, k);
    if (share < 1) topP(step, share);
    if (least > 0) minP(step, least);
  }
  let nats = 0;
  for (const v of step.p) if (v > 0) nats -= v * Math.log(v);
  return {...step, bits: Math.max(0, nats / LN_2)};
}

/** The model's own log-probability of a token (at temperature 1, before any cut), and the token's rank, from 1. */
export function ownChance(logits, id) {
  let largest = -Infinity, rank = 1;
  for (const v of logits) largest = Math.max(largest, v);
  let sum = 0;
  logits.forEach((v, i) => {
    sum += Math.exp(v - largest);
    if (v > logits[id] || (v === logits[id] && i < id)) rank++;
  });
  return {logprob: logits[id] - largest - Math.log(sum), rank};
}
