// How much each token of a text surprises the model. The user may type the text.
import {flow} from '../flow.js';
import {bitsOf, shade} from '../words.js';
import {post} from '../api.js';
import {asking, field, note} from './asking.js';

export const id = 'score';
export const title = 'Own text';

const TOP = 8;
const ink = logprob => `rgba(var(--data-rgb), ${shade(logprob, 'surprise').toFixed(3)})`;
let put, text, app, own = false;     // own: whether the user typed the text

export function mount(root, theApp) {
  app = theApp;
  const {element} = inkling;
  const place = element('div', {class: 'panel-body'});
  text = element('textarea', {rows: 4, spellcheck: 'false', maxlength: 20000});
  const form = element('form', {class: 'own-text'}, field('A text', text),
    element('p', {}, element('button', {type: 'submit'}, 'Score it')));
  root.append(note('Each token is shaded by its surprise: how many bits the model needs for it, −log₂ of the probability that the model '
    + 'gave the token. A token that the model was certain of costs 0 bits.'), form, place);
  put = asking({
    place, hint: 'Write a text, or paste one.',
    ask: (question, signal) => post('/inkling/v1/score', {...question, top: TOP}, {signal}),
    draw: answer => draw(place, answer),
  });
  text.addEventListener('input', () => { own = true; });
  form.addEventListener('submit', event => {
    event.preventDefault();
    put(text.value ? {model: app.state.model, prompt: text.value} : null);
  });
}

function draw(place, {positions, loss, perplexity, bits_per_character: perCharacter}) {
  const {element} = inkling;
  const figures = element('dl', {class: 'figures'}, ...[['bits per token', loss / Math.LN2, 3], ['perplexity', perplexity, 2],
    ['bits per character', perCharacter, 3], ['nats per token (the loss)', loss, 4]].filter(([, value]) => value !== null)
    .map(([name, value, digits]) => element('div', {}, element('dt', {}, name),
      element('dd', {class: 'number', 'data-value': value}, value.toFixed(digits)))));
  const strip = element('p', {class: 'strip heat', role: 'group', 'aria-label': 'The text; choose a token to see what the model expected'});
  const told = element('section', {class: 'expected', 'aria-live': 'polite'});
  const tokens = positions.map(({label: spelled, logprob}) => {
    const token = element('button', {type: 'button'}, spelled);
    if (logprob !== null) {
      token.style.setProperty('--shade', ink(logprob));
      token.dataset.logprob = logprob;
      token.setAttribute('aria-label', `${spelled}, ${bitsOf(logprob).toFixed(1)} bits`);
    }
    strip.append(token);
    if (spelled.includes('\\n')) strip.append(element('br'));
    return token;
  });
  const legend = element('p', {class: 'note legend'}, 'surprise: ', ...[0, 2, 5, 9, 14].map(b => {
    const swatch = element('span', {class: 'swatch'}, b + (b === 14 ? '+' : ''));
    swatch.style.setProperty('--shade', ink(-b * Math.LN2));
    return swatch;
  }), ' bits');
  place.replaceChildren(figures, strip, legend, told);
  const worst = positions.reduce((at, p, i) => p.logprob !== null && (at < 0 || p.logprob < positions[at].logprob) ? i : at, -1);
  const go = flow.walk([tokens], (_, i) => {
    tokens.forEach((token, at) => {
      token.classList.toggle('chosen', at === i);
      token.setAttribute('aria-pressed', String(at === i));
    });
    tell(told, positions[i]);
  });
  go(0, Math.max(0, worst), false);
}

function tell(place, {id, label, logprob, rank, top}) {
  const {element} = inkling;
  if (logprob === null) {
    place.replaceChildren(note('Nothing comes before the first token, so the model did not expect anything.'));
    return;
  }
  const list = element('ol', {class: 'bars'});
  const rows = top.map(other => ({name: other.label, p: Math.exp(other.logprob), chosen: other.id === id}));
  if (rank > top.length) rows.push({name: label, p: Math.exp(logprob), chosen: true});
  flow.bars(list, rows.map(({name, p, chosen}) => ({label: name, share: p / rows[0].p, figure: inkling.percent(p), chosen})));
  place.replaceChildren(element('h2', {}, label + ': ' + bitsOf(logprob).toFixed(2) + ' bits'),
    note(`The model gave this token ${inkling.percent(Math.exp(logprob))}, rank ${rank.toLocaleString('en')}.`), list);
}

export function show(selection) {
  if (own || !selection) {
    if (!text.value) put(null);
    return;
  }
  const now = selection.text;
  if (now === text.value) return;
  text.value = now;
  put({model: selection.model, prompt: now});
}
