// The attention of each head: how much each token, up to the chosen one, takes from itself and the tokens before it.
import {drawAttention} from '../attention.js';
import {post} from '../api.js';
import {asking, note} from './asking.js';
import {viewIn} from './view.js';

export const id = 'attention';
export const title = 'Attention';

let put;
const chosen = new Map();   // model → the head that was chosen by hand: {layer, head}, both from 0

export function mount(root) {
  const place = inkling.element('div', {class: 'panel-body'});
  root.append(note('Each head of each layer lets a token gather from the tokens before it. The view opens on the head with the '
    + 'clearest pattern, or on the one that you chose last for this model.'), place);
  put = asking({
    place, hint: 'Write a text, then choose a token in it to see what it looks at.',
    ask({model, ids}, signal) {
      const head = chosen.get(model);
      return post('/inkling/v1/attention', {model, ids, form: 'page', ...(head && {layer: head.layer + 1, head: head.head + 1})}, {signal});
    },
    async draw(data, {model}, signal) {
      const view = await viewIn(place, 'attention');
      let opened = false;
      drawAttention(view, data, {signal, onHead: (layer, head) => { if (opened) chosen.set(model, {layer, head}); }});
      opened = true;
    },
  });
}

export const show = selection => put(selection);
