// The bar at the top. It has the choice of model, says whether the server answers, and asks for the API key if the server needs one.
import {key} from './api.js';
import {button} from './words.js';

const {element} = inkling;

/** Says which step of its run a checkpoint is, from the name of its directory; '' if the model is no checkpoint. */
const stepOf = directory => {
  const step = directory.match(/step-(\d+)$/);
  return step ? `step ${Number(step[1]).toLocaleString('en')} of its run, ` : '';
};

export function showHead(app) {
  const {state} = app;
  const select = document.getElementById('model'), line = document.getElementById('connection');
  select.addEventListener('change', () => app.use(select.value).catch(e => app.lost(e.message)));

  app.on('model', model => {
    select.replaceChildren(...state.models.map(name => element('option', {value: name}, name)));
    select.value = model;
    document.title = model + ' · Inkling';
  });
  app.on('connection', ({state: kind, text}) => {
    line.dataset.state = kind;
    document.getElementById('playground').dataset.state = kind;
    if (kind === 'key') return askForKey();
    const {properties} = state;
    if (kind === 'waiting' && !state.models.length) {
      return line.replaceChildren(text + ' ', element('a', {href: '/runs'}, 'Open a run’s model.'));
    }
    line.textContent = kind !== 'ready' ? text
      : `${stepOf(properties.directory)}${properties.n_params.toLocaleString('en')} parameters, `
        + `${properties.n_ctx.toLocaleString('en')} tokens of context`;
  });

  function askForKey() {
    const field = element('input', {type: 'password', id: 'key', autocomplete: 'off', 'aria-label': 'API key'});
    const use = () => {
      key.set(field.value.trim());
      app.start();
    };
    field.addEventListener('keydown', e => { if (e.key === 'Enter') use(); });
    line.replaceChildren('This server asks for its API key: ', field, ' ', button('Use it', use));
    field.focus();
  }
}
