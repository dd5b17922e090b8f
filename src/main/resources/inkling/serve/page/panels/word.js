// The same word in two texts: (nearly) the same vector at the embedding, and two different vectors after the last layer.
import {drawWordTrace} from '../word-trace.js';
import {post} from '../api.js';
import {asking, field, note} from './asking.js';
import {viewIn} from './view.js';

export const id = 'word';
export const title = 'Same word';

const MOST = 4;                // at most so many other places of the word are tried
/** Contexts that are tried besides the word's other places, because many words can follow them. */
const BEFORE = ['On the other', 'And then', 'It was'];
/**
 * Texts whose beginnings are tried. They are cut so that the word stands at the same position as in the user's text. Then the same token
 * has the same vector at the embedding.
 */
const AS_LONG = ['It was late, and the old woman had gone to the house by the river, where nobody knew her, to tell them what she had '
  + 'seen on the road: a dark coach, two horses, and a man who did not speak',
'When they came to the door of the little shop, she took him by the hand and said that he must go in alone, for it was dark, and her '
  + 'mother would be waiting at home with the dinner on the table'];
const ALONE = 'None of the other contexts that were tried has the same token: a word at the beginning of a text is another token than '
  + 'after a space. Choose a word further on, or write another text that ends in this word.';
let app, put, word, first, other, own;     // own: whether the user wrote the texts

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
    + 'the MLP, which sees one vector at a time, makes the difference larger or smaller. Choose a word in the text: it is compared with '
    + 'the same word in another context: the one of several that changes its vector most. Or write your own texts.'), form, place);
  put = asking({
    place, hint: 'Write a text and choose a word in it, or write a word here with two texts that end in it.',
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

let model, before = 0;          // before: how many tokens with text stand before the word that was chosen

function follow() {
  const others = own ? [other.value] : elsewhere({word: word.value, text: first.value});
  put(word.value.trim() && first.value && others[0] ? {model, word: word.value.trim(), first: first.value, others, before: own ? 0 : before}
    : null);
}

/**
 * Finds the text in which the layers add most to the angle between the word's two vectors: {data, text}. It tries `others`, and texts with
 * `before` tokens before the word. It leaves out texts in which the word is another token than in `first`, unless the user wrote the
 * texts. Null if no text is left.
 */
async function clearest({model, word, first, others, before}, signal) {
  const mayDiffer = own;
  let best = null;
  for (const text of [...others, ...await asLong(model, before, word, signal)]) {
    const data = await post('/inkling/v1/trace', {model, word, prompt: first, other: text, form: 'page'}, {signal});
    if (!mayDiffer && !data.same_token) continue;
    if (!best || added(data) > added(best.data)) best = {data, text};
  }
  return best;
}

const added = ({layers}) => layers.at(-1).angle - layers[0].angle;

/**
 * For each text of AS_LONG: its first `n` tokens, then the word. Leaves out a text that has no further tokens, or no space after the first
 * `n`. No texts if `n` is 0.
 */
async function asLong(model, n, word, signal) {
  const texts = [];
  for (const content of n ? AS_LONG : []) {
    const {tokens} = await post('/tokenize', {model, content, with_pieces: true}, {signal});
    const at = tokens.slice(0, n).map(token => token.piece).join('');
    if (n < tokens.length && content.startsWith(at + ' ')) texts.push(at + ' ' + word);
  }
  return texts;
}

/** The last word of a text, and the text up to the end of that word; null if the text has no word. */
function wordAt(text) {
  const found = text.match(/[\p{L}\p{N}]+(?=[^\p{L}\p{N}]*$)/u);
  return found && {word: found[0], text: text.slice(0, found.index + found[0].length)};
}

/**
 * Texts that end with the word. First, at most MOST: the beginnings of this text and of all branches up to other places of the word. Then
 * BEFORE with the word.
 */
function elsewhere({word, text}) {
  const branches = app.tree.all().map(branch => branch.tokens.map(token => token.text).join(''));
  const found = [text.slice(0, -word.length), ...branches].flatMap(place => [...place.matchAll(/[\p{L}\p{N}]+/gu)]
    .filter(m => m[0] === word).map(m => place.slice(0, m.index + word.length)));
  return [...[...new Set(found)].filter(place => place !== text).slice(0, MOST), ...BEFORE.map(words => words + ' ' + word)];
}

/**
 * How many tokens stand before the token that holds the character with number `index`, counted from 0.
 *
 * @param tokens the texts of all tokens
 * @param length the number of their characters
 */
function tokensBefore(tokens, length, index) {
  let n = tokens.length, at = length;
  while (n > 0 && at > index) at -= tokens[--n].length;
  return n;
}

export function show(selection) {
  model = selection ? selection.model : model;
  const found = selection && wordAt(selection.text);
  if (found) {
    word.value = found.word;
    first.value = found.text;
    const texts = app.state.shown.tokens.slice(0, selection.position + 1).map(token => token.text).filter(text => text);
    before = tokensBefore(texts, selection.text.length, found.text.length - found.word.length);
    if (!other.value.includes(found.word)) own = false;
    follow();
  } else if (!own) put(null);
}
