// The tokens whose vectors in the embedding or unembedding matrix are nearest to the chosen token's. The vectors were learned; the text
// does not change them.
import {flow} from '../flow.js';
import {post} from '../api.js';
import {asking, heading, label, note} from './asking.js';

export const id = 'neighbors';
export const title = 'Neighbours';

const MOST = 16;
let put;

export function mount(root, app) {
  const {element} = inkling;
  const place = element('div', {class: 'panel-body'});
  const matrix = element('select', {}, element('option', {value: 'embedding'}, 'the embedding, as it is read'),
    element('option', {value: 'unembedding'}, 'the unembedding, as it is written'));
  root.append(note('A token’s vector is a row of a matrix, learned and the same in every text. The list shows the tokens with the most '
    + 'similar vectors, which the model treats alike; each figure is the cosine of the angle between the two vectors.'),
    element('p', {}, element('label', {class: 'field'}, 'In ', matrix)), place);
  put = asking({
    place, hint: 'Write a text, then choose a token in it to see its neighbours.',
    ask: ({model, ids}, signal) => post('/inkling/v1/neighbors', {model, id: ids.at(-1), matrix: matrix.value, top: MOST}, {signal}),
    draw({results}, {tokens}) {
      const list = element('ol', {class: 'bars learned'});
      place.replaceChildren(heading('Near ' + label(tokens.at(-1))), list);
      flow.bars(list, results.map(({id, piece, similarity}) =>
        ({label: label(piece), share: similarity, figure: inkling.decimal(similarity, 3), data: {id, similarity}})));
    },
  });
  matrix.addEventListener('change', () => put(app.selection()));
}

export const show = selection => put(selection);
