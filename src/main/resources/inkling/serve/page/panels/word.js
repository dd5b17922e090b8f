// The same word in two texts: one vector at the embedding, two at the end.
import {drawWordTrace} from '../word-trace.js';
import {post} from '../api.js';
import {asking, field, note} from './asking.js';
import {viewIn} from './view.js';

export const id = 'word';
export const title = 'Same word';

const MOST = 4;                // places to choose among
/** Contexts that are tried beside the places where the word stands: many words can follow them. */
const BEFORE = ['On the other ', 'And then ', 'It was '];
const ALONE = 'In no other context that was tried does the same token stand: a word that begins a text is another token than the one '
  + 'behind a space. Choose a word further on, or write another text that ends in this one.';
let app, put, word, first, other, own;

export function mount(root, theApp) {
  app = theApp;
  const {element} = inkling;
  const place = element('div', {class: 'panel-body'});
  word = element('input', {type: 'text', size: 12, spellcheck: 'false'});
  first = element('textarea', {rows: 2, spellcheck: 'false'});
  other = element('textarea', {rows: 2, spellcheck: 'false'});
  const form = element('form', {class: 'two-texts'}, field('The word', word), field('in this text', first), field('and in this one', other),
    element('p', {}, element('button', {type: 'submit'}, 'Follow it')));
  root.append(note('A word enters every text as (nearly) the same vector. Layer by layer, attention brings in what stands before it, and '
    + 'the MLP, which sees one vector at a time, makes more or less of what is different. Choose a word in the text: it is compared with '
    + 'the same word in the context where it ends most different. Or write your own texts.'), form, place);
  put = asking({
    place, hint: 'Choose a word in the text, or write one here with two texts that end in it.',
    ask: clearest,
    async draw(found) {
      if (!own) other.value = found ? found.text : '';
      if (!found) return place.replaceChildren(note(ALONE));
      drawWordTrace(await viewIn(place, 'word-trace'), found.data);
    },
  });
  form.addEventListener('input', () => { own = true; });
  form.addEventListener('submit', event => {
    event.preventDefault();
    follow();
  });
}

let model;

function follow() {
  const others = own ? [other.value] : elsewhere({word: word.value, text: first.value});
  put(word.value.trim() && first.value && others[0] ? {model, word: word.value.trim(), first: first.value, others} : null);
}

/**
 * The text among `others` in which the word's vector ends at the largest angle to that in the first: {data, text}. A text that was found,
 * not written by the user, must have the very token of the first, or two different words were compared; null if none has.
 */
async function clearest({model, word, first, others}, signal) {
  const mayDiffer = own;
  let best = null;
  for (const text of others) {
    const data = await post('/inkling/v1/trace', {model, word, prompt: first, other: text, form: 'page'}, {signal});
    if (!mayDiffer && !data.same_token) continue;
    if (!best || data.layers.at(-1).angle > best.data.layers.at(-1).angle) best = {data, text};
  }
  return best;
}

/** The word that the chosen token belongs to or ends, and the text up to its end; null where there is none. */
function wordAt(text) {
  const found = text.match(/[\p{L}\p{N}]+(?=[^\p{L}\p{N}]*$)/u);
  return found && {word: found[0], text: text.slice(0, found.index + found[0].length)};
}

/** The texts that end with the word at its other places, here and in other branches, and those of BEFORE. */
function elsewhere({word, text}) {
  const branches = app.tree.all().map(branch => branch.tokens.map(token => token.text).join(''));
  const found = [text.slice(0, -word.length), ...branches].flatMap(place => [...place.matchAll(/[\p{L}\p{N}]+/gu)]
    .filter(m => m[0] === word).map(m => place.slice(0, m.index + word.length)));
  return [...[...new Set(found)].filter(place => place !== text).slice(0, MOST), ...BEFORE.map(before => before + word)];
}

export function show(selection) {
  model = selection ? selection.model : model;
  const found = selection && wordAt(selection.text);
  if (found) {
    word.value = found.word;
    first.value = found.text;
    if (!other.value.includes(found.word)) own = false;
    follow();
  } else if (!own) put(null);
}
