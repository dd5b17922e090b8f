// The logit lens for the last tokens up to the chosen one: what each layer would predict.
import {drawLens} from '../lens.js';
import {post} from '../api.js';
import {asking, note} from './asking.js';
import {viewIn} from './view.js';

export const id = 'lens';
export const title = 'Layers';

const COLUMNS = 10;
let put;

export function mount(root) {
  const place = inkling.element('div', {class: 'panel-body'});
  root.append(note('The logit lens: after each layer, the next token that the vector so far points to, as if the layers after it did '
    + 'nothing. This view is about what comes after a token; the bars above are about what could have stood in its place.'), place);
  put = asking({
    place, hint: 'Write a text, then choose a token in it to see what each layer makes of it.',
    ask: ({model, ids}, signal) => post('/inkling/v1/lens', {model, ids, last: COLUMNS, top: 8, form: 'page'}, {signal}),
    async draw(data, question, signal) {
      const view = await viewIn(place, 'lens');
      drawLens(view, data, {signal});
      const scroll = view.querySelector('.scroll');
      scroll.scrollLeft = scroll.scrollWidth;                    // the chosen token is the last column
    },
  });
}

export const show = selection => put(selection);
