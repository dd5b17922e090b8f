// The same word in two texts: one vector at the embedding, two at the end.
import {drawWordTrace} from '../word-trace.js';
import {post} from '../api.js';
import {asking, field, note} from './asking.js';
import {viewIn} from './view.js';

export const id = 'word';
export const title = 'Same word';

let put, word, first, other, own;

export function mount(root) {
  const {element} = inkling;
  const place = element('div', {class: 'panel-body'});
  word = element('input', {type: 'text', size: 12, spellcheck: 'false'});
  first = element('textarea', {rows: 2, spellcheck: 'false'});
  other = element('textarea', {rows: 2, spellcheck: 'false'});
  const form = element('form', {class: 'two-texts'}, field('The word', word), field('in this text', first), field('and in this one', other),
    element('p', {}, element('button', {type: 'submit'}, 'Follow it')));
  root.append(note('A word enters every text as (nearly) the same vector. Layer by layer, attention brings in what stands before it, '
    + 'and the vectors part. Choose a word in the text, then write another text that has it.'), form, place);
  put = asking({
    place, hint: 'Choose a word in the text, or write one here with two texts that end in it.',
    ask: ({model, word, first, other}, signal) => post('/inkling/v1/trace', {model, word, prompt: first, other, form: 'page'}, {signal}),
    async draw(data) {
      drawWordTrace(await viewIn(place, 'word-trace'), data);
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
  put(word.value.trim() && first.value && other.value ? {model, word: word.value.trim(), first: first.value, other: other.value} : null);
}

/** The word that the chosen token belongs to or ends, and the text up to its end; null where there is none. */
function wordAt(text) {
  const found = text.match(/[\p{L}\p{N}]+(?=[^\p{L}\p{N}]*$)/u);
  return found && {word: found[0], text: text.slice(0, found.index + found[0].length)};
}

/** The text up to where the word stands before; alone where it does not. */
function elsewhere({word, text}) {
  const before = text.slice(0, -word.length), at = [...before.matchAll(/[\p{L}\p{N}]+/gu)].filter(m => m[0] === word).pop();
  return at ? text.slice(0, at.index + word.length) : word;
}

export function show(selection) {
  model = selection ? selection.model : model;
  const found = selection && wordAt(selection.text);
  if (found) {
    word.value = found.word;
    first.value = found.text;
    if (!own || !other.value.includes(found.word)) {
      other.value = elsewhere(found);
      own = false;
    }
    follow();
  } else if (!own) put(null);
}
