// The attention of each head: how much each token, up to the chosen one, takes from itself and the tokens before it.
import {drawAttention} from '../attention.js';
import {post} from '../api.js';
import {asking, note} from './asking.js';
import {viewIn} from './view.js';

export const id = 'attention';
export const title = 'Attention';

let put, chosen = null;   // the head that was chosen by hand: {layer, head}, both from 0

export function mount(root) {
  const place = inkling.element('div', {class: 'panel-body'});
  root.append(note('Each head of each layer lets a token gather from the tokens before it. The view opens on the head with the '
    + 'clearest pattern, or on the one that you chose last.'), place);
  put = asking({
    place, hint: 'Write a text, then choose a token in it to see what it looks at.',
    ask: ({model, ids}, signal) => post('/inkling/v1/attention', {model, ids, form: 'page',
      ...(chosen && {layer: chosen.layer + 1, head: chosen.head + 1})}, {signal}),
    async draw(data, question, signal) {
      const view = await viewIn(place, 'attention');
      let opened = false;
      drawAttention(view, data, {signal, onHead: (layer, head) => { if (opened) chosen = {layer, head}; }});
      opened = true;
    },
  });
}

export const show = selection => put(selection);
