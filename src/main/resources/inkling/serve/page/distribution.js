// What the chosen token could have been, as bars, the likeliest token first. Below them are hollow bars: tokens that each truncation
// removed. Long lists are cut short, but the chosen token has a bar.
import {NEUTRAL_OPTIONS, same} from './sampling.js';
import {ownChance, shaped} from './shape.js';
import {chance, count, named} from './words.js';

const {element, percent} = inkling;
const SHORT = 12, LONG = 60;     // at most so many bars in the short and in the long list, not counting the chosen token's
const CUT = 4;     // at most so many bars of a truncation while the list is short, without the chosen token's; 4 · CUT while it is long
const PAUSE = 80;    // milliseconds before the server is asked, because arrow keys pass over many tokens

export function showDistribution(root, app) {
  const {state} = app;
  const title = element('h2', {id: 'chosen'}, 'No token is chosen');
  const facts = element('p', {id: 'facts', 'aria-live': 'polite'});
  const view = element('p', {id: 'view', class: 'note'});
  const strip = element('div', {id: 'strip', 'aria-hidden': 'true'});
  const about = element('p', {id: 'whole', class: 'note', 'aria-hidden': 'true'},
    'The strip shows all of the probability, before any cut: the likeliest tokens, the others in a fainter grey, and what was cut, '
    + 'hatched. A filled bar shows a token’s share of what was left.');
  const ruler = element('p', {id: 'ruler', 'aria-hidden': 'true'}, element('span', {class: 'plain'}, 'without the knobs'),
    element('span', {class: 'ticks'}, ...['0', '50', '100 %'].map(text => element('span', {}, text))));
  const bars = element('ol', {id: 'bars', 'aria-label': 'Possible tokens; choose one to go on from there'});
  const more = element('button', {type: 'button', id: 'more', class: 'quiet'}, '');
  root.append(title, facts, view, strip, about, ruler, bars, more);
  let found = null, abort = null, long = false;       // found: {logits, names, ids, plain: probabilities without the knobs}

  /** The position of the token that the user points at, else of the chosen token. */
  const here = () => state.peek ?? state.position;

  /** Gets the model's logits at the position `here()`. Asks the server only if distributions.js does not have them. */
  async function look() {
    const {shown} = state, position = here();
    abort?.abort();
    found = null;
    root.dataset.state = 'none';
    if (!shown || position === null) return draw();
    if (position === 0) return draw();
    abort = new AbortController();
    const {signal} = abort;
    const ids = shown.tokens.slice(0, position).map(token => token.id);
    root.dataset.state = 'asking';
    try {
      if (!app.distributions.has(shown.model, ids)) await new Promise(done => setTimeout(done, PAUSE));
      if (signal.aborted) return;
      const after = await app.distributions.after(shown.model, ids, signal);
      if (signal.aborted) return;
      found = {...after, ids, plain: shaped(after.logits, ids, NEUTRAL_OPTIONS).p};
      root.dataset.state = 'shown';
    } catch (e) {
      if (signal.aborted) return;
      root.dataset.state = 'failed';
      if (e.status === 0) {
        app.lost(e.message);
        app.ready().then(() => { if (!signal.aborted) look(); });
      } else if (e.retryable) {
        setTimeout(() => { if (!signal.aborted) look(); }, 1000);
      }
      found = null;
      draw(e.message);
      return;
    }
    draw();
  }

  const nameOf = id => found.names.get(id) ?? state.shown.tokens.find(token => token.id === id)?.piece ?? '#' + id;

  function draw(problem = '') {
    const {shown} = state, position = here();
    const token = shown?.tokens[position];
    title.className = state.peek === null || state.peek === state.position ? '' : 'pointed';
    const place = shown && position !== null ? element('span', {class: 'place'}, `${position + 1} of ${shown.tokens.length}`) : '';
    title.replaceChildren(...(token ? [place, ...named(token.piece)] : position === null || !shown ? ['No token is chosen']
      : [place, 'What comes next']));
    if (!found) {
      facts.textContent = problem || (shown && position === 0 ? 'No token stands before the first one, so the model does not predict it.'
        : shown && position !== null ? '' : 'Choose a token of the text to see what else it could have been.');
      view.textContent = '';
      bars.replaceChildren();
      strip.replaceChildren();
      more.hidden = about.hidden = ruler.hidden = true;
      return;
    }
    const step = shaped(found.logits, found.ids, state.options);
    if (token) {
      const own = ownChance(found.logits, token.id);
      if (token.logprob === null) token.logprob = own.logprob;
      const plain = `${chance(own.logprob)} of surprise, rank ${own.rank.toLocaleString('en')} of `
        + found.logits.length.toLocaleString('en');
      facts.textContent = same(state.options, NEUTRAL_OPTIONS) ? `${plain} · entropy ${step.bits.toFixed(2)} bits`
        : `${plain} · with the knobs ${percent(step.p[token.id])}, entropy ${step.bits.toFixed(2)} bits`;
    } else {
      facts.textContent = `${count(found.logits.length, 'token')} are possible · entropy ${step.bits.toFixed(2)} bits`;
    }
    facts.dataset.bits = step.bits;
    facts.title = 'surprise: −log₂ of the probability. entropy: the surprise to be expected; the higher, the less sure the model';
    view.textContent = !token ? 'What could come next:' : same(state.options, shown.options) ? 'What could have stood in its place:'
      : 'Shaped by the settings above: this token was not drawn from these probabilities.';
    drawBars(step, token);
  }

  function drawBars(step, token) {
    const {p, order, kept} = step;
    about.hidden = ruler.hidden = false;
    ruler.firstChild.hidden = same(state.options, NEUTRAL_OPTIONS);
    const most = long ? LONG : SHORT;
    const rows = [];
    for (let i = 0; i < Math.min(kept, most); i++) rows.push(row(order[i], p[order[i]], token, false));
    if (kept > most) {
      let mass = 0;
      for (let i = most; i < kept; i++) mass += p[order[i]];
      const rank = token ? order.indexOf(token.id) : -1;
      if (rank >= most && rank < kept) {
        rows.push(row(token.id, p[token.id], token, false));
        mass -= p[token.id];
      }
      rows.push(element('li', {class: 'others'}, element('span', {class: 'name'}, count(kept - rows.length, 'other')),
        element('span', {class: 'figure'}, percent(Math.max(0, mass)))));
    }
    drawStrip(step, rows.filter(li => li.dataset.id).map(li => Number(li.dataset.id)), token);
    let from = kept;
    for (const removal of [...step.removals].reverse()) {
      if (removal.tokens) rows.push(...cut(step, removal, from, token));
      from += removal.tokens;
    }
    const focused = bars.contains(document.activeElement) ? document.activeElement.parentElement.dataset.id : null;
    bars.replaceChildren(...rows);
    if (focused) bars.querySelector(`[data-id="${focused}"] button`)?.focus();
    more.hidden = kept <= SHORT && step.removals.every(({tokens}) => tokens <= CUT);
    more.textContent = long ? 'Show fewer' : 'Show more';
    more.setAttribute('aria-expanded', String(long));
  }

  /**
   * Rows for a truncation: its name, then some of the tokens that it removed. It removed `tokens` ids of `order`, from index `from` on.
   */
  function cut({whole, order}, {by, tokens, probability}, from, token) {
    const shownIds = [...order.slice(from, from + Math.min(tokens, long ? 4 * CUT : CUT))];
    if (token && !shownIds.includes(token.id) && order.slice(from, from + tokens).includes(token.id)) shownIds.push(token.id);
    const head = element('li', {class: 'cut'}, element('span', {class: 'name'}, `${by} cut ${count(tokens, 'token')}`),
      element('span', {class: 'figure'}, percent(probability)));
    return [head, ...shownIds.map(id => row(id, whole[id], token, true))];
  }

  /** A row for a token, with a bar; the full width of a bar is 100 %. A tick marks where the bar would end without the knobs. */
  function row(id, value, token, removed) {
    const chosen = token?.id === id, position = here(), {logits, plain} = found;
    const name = nameOf(id);
    const fill = element('span');
    fill.style.width = 100 * value + '%';
    fill.hidden = !(value > 0);
    const tick = element('i');
    tick.style.left = 100 * plain[id] + '%';
    tick.hidden = same(state.options, NEUTRAL_OPTIONS);
    const figure = removed ? element('s', {}, percent(value)) : percent(value);
    const b = element('button',
      {type: 'button', 'aria-label': `${name}, ${percent(value)}${removed ? ', cut' : ''}${chosen ? ', in the text' : ''}`,
      title: chosen ? 'this token is in the text' : 'go on from here'},
      element('span', {class: 'name'}, ...named(name)), element('span', {class: 'bar', 'aria-hidden': 'true'}, fill, tick),
      element('span', {class: 'figure'}, figure));
    const li = element('li', {class: [chosen && 'drawn', removed && 'removed'].filter(Boolean).join(' ')}, b);
    li.dataset.id = id;
    li.dataset.p = removed ? 0 : value;
    b.addEventListener('click', () => {
      if (chosen) return;
      app.branch(position, id, {piece: name, logprob: ownChance(logits, id).logprob});
      document.querySelector('.tokens [aria-selected="true"]')?.focus();
    });
    return li;
  }

  /** Draws all of the probability as one strip: a part for each of `ids`, one for the other kept tokens, a hatched one for what was cut. */
  function drawStrip({whole, order, kept}, ids, token) {
    const parts = ids.map(id => [whole[id], token?.id === id ? 'drawn' : 'token']);
    let rest = 1, others = 0;
    for (const [p] of parts) rest -= p;
    const barred = new Set(ids);
    for (let i = 0; i < kept; i++) if (!barred.has(order[i])) others += whole[order[i]];
    parts.push([others, 'others'], [Math.max(0, rest - others), 'taken']);
    strip.replaceChildren(...parts.filter(([p]) => p > 0).map(([p, kind]) => {
      const part = element('span', {class: kind});
      part.style.flexGrow = p;
      return part;
    }));
  }

  bars.addEventListener('keydown', e => {
    const all = [...bars.querySelectorAll('button')], i = all.indexOf(document.activeElement);
    const to = {ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: all.length - 1}[e.key];
    if (to === undefined || i < 0) return;
    e.preventDefault();
    all[Math.min(all.length - 1, Math.max(0, to))].focus();
  });
  more.addEventListener('click', () => { long = !long; draw(); });
  for (const event of ['select', 'peek']) app.on(event, look);
  for (const event of ['options', 'tree']) app.on(event, () => draw());
  app.on('model', () => { app.distributions.forget(); look(); });
  draw();
}
