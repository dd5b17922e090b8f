// Where the model's parameters are, by place in the model and by role.
import {get} from '../api.js';
import {count} from '../words.js';
import {asking, heading, note} from './asking.js';

export const id = 'parameters';
export const title = 'Parameters';

const KINDS = {embedding: 'embedding', attention: 'attention', mlp: 'MLP', norms: 'norms'};
/** What the matrices of a role do, for roles whose names do not say it. */
const ROLES = {key: 'attention: keys', query: 'attention: queries', value: 'attention: values', output: 'attention: output',
  up_projection: 'MLP: up, to its neurons', down_projection: 'MLP: down, from its neurons'};
const grouped = number => number.toLocaleString('en');
let put, app;

export function mount(root, theApp) {
  app = theApp;
  const place = inkling.element('div', {class: 'panel-body'});
  root.append(place);
  put = asking({
    place, hint: 'The server has no model yet.',
    ask: ({model}, signal) => get('/inkling/v1/parameters?model=' + encodeURIComponent(model), {signal}),
    draw: tally => place.replaceChildren(...drawing(tally)),
  });
}

function drawing(tally) {
  const {element} = inkling;
  const sizes = tally.places.map(({place, ...kinds}) => ({place, kinds, size: Object.values(kinds).reduce((a, b) => a + b, 0)}));
  const most = Math.max(...sizes.map(({size}) => size));
  const keys = element('p', {class: 'keys'},
    ...Object.entries(KINDS).map(([kind, name]) => element('span', {class: 'kind ' + kind}, name)));
  const rows = sizes.map(({place, kinds, size}) => {
    const bar = element('span', {class: 'bar'}, ...Object.entries(kinds).map(([kind, count]) => {
      const part = element('span', {class: kind, title: `${KINDS[kind]}: ${grouped(count)}`});
      part.style.width = (100 * count / most).toFixed(3) + '%';
      return part;
    }));
    const told = Object.entries(kinds).map(([kind, count]) => KINDS[kind] + ' ' + grouped(count)).join(', ');
    return element('li', {'data-size': size, 'aria-label': `${place}: ${grouped(size)} (${told})`},
      element('span', {class: 'name'}, place), bar, element('span', {class: 'figure'}, grouped(size)),
      element('span', {class: 'figure share'}, inkling.percent(size / tally.parameters)));
  });
  return [heading(grouped(tally.parameters) + ' parameters'),
    note('Each is a number that training found, the same for every text. The list is in the order in which a token meets them.'
      + (tally.tied ? ' The unembedding is the same matrix as the embedding: it is stored once.' : '')),
    keys, element('ol', {class: 'places'}, ...rows), heading('By role'), table(tally)];
}

/** The table of parameters by role. Shares are of all stored parameters, as in the bars. A matrix with two roles counts in the first. */
function table({categories, shapes, other, tied, parameters, places}) {
  const {element} = inkling;
  const blocks = places.filter(({attention}) => attention).length, {columns: width} = shapes.embedding;
  const times = matrices => matrices === 1 ? '' : ` × ${grouped(matrices)}`
    + (matrices % blocks ? '' : `: ${grouped(matrices / blocks)} in each of ${count(blocks, 'block')}`);
  const cell = (text, number = true) => element('td', number ? {class: 'number'} : {}, text);
  const role = ([name, size]) => {
    const {rows, columns, count: matrices} = shapes[name];
    const again = tied && name === 'unembedding';
    return element('tr', {}, element('th', {scope: 'row'}, ROLES[name] ?? name),
      cell(`${grouped(rows)} × ${grouped(columns)}` + times(matrices), false),
      ...(again ? [cell('the embedding'), cell('')] : [cell(grouped(size)), cell(inkling.percent(size / parameters))]));
  };
  const rest = ([name, size]) => element('tr', {}, element('th', {scope: 'row'}, name),
    cell(name === 'positions' ? `${grouped(size / width)} × ${grouped(width)}` : '', false), cell(grouped(size)),
    cell(inkling.percent(size / parameters)));
  return element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Parameters by role'},
    element('table', {class: 'table tally'},
      element('thead', {}, element('tr', {}, ...['role', 'shape × count'].map(text => element('th', {scope: 'col'}, text)),
        ...['parameters', 'share'].map(text => element('th', {scope: 'col', class: 'number'}, text)))),
      element('tbody', {}, ...Object.entries(categories).map(role),
        ...[['positions', other.positions], ['norms', other.layer_norms], ['biases', other.biases]]
          .filter(([, size]) => size).map(rest),
        rest(['stored', parameters]))));
}

export const show = () => put(app.state.model ? {model: app.state.model} : null);
