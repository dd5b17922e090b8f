// Ways to have the shown text elsewhere: as a command, as a request, as a link, as a file.
import {post} from './api.js';
import {cautionOf, commandOf, FORMS} from './copies.js';
import {linkOf, recalled} from './link.js';
import {button, copied} from './words.js';

const {element} = inkling;

export function showShare(root, app) {
  const {state} = app;
  const form = element('select', {id: 'copy-as', 'aria-label': 'Copy as'},
    ...Object.entries(FORMS).map(([value, name]) => element('option', {value}, name)));
  const text = element('pre', {id: 'copied', tabindex: 0, 'aria-label': 'What is copied'});
  const said = element('span', {class: 'note', role: 'status', id: 'share-said'});
  const save = button('Save as HTML', saveFile, {id: 'save', title: 'this text with all its distributions, as one file'});
  const caution = element('p', {class: 'note', id: 'copied-note'});
  root.append(element('h2', {}, 'Copy or save'), element('p', {class: 'row'}, element('label', {}, 'As ', form),
    button('Copy', () => copy(commandOf(form.value, state.shown)), {id: 'copy'}),
    button('Copy link', () => copy(location.href), {id: 'copy-link'}),
    save, said), text, caution);

  function draw() {
    root.hidden = !state.shown;
    if (!state.shown) return;
    text.textContent = commandOf(form.value, state.shown);
    caution.textContent = cautionOf(form.value, state.shown);
    save.disabled = state.shown.tokens.length <= Math.max(1, state.shown.prompt);
  }

  async function copy(what) {
    draw();                                          // if the field still shows a link that could not be copied, shows the command again
    said.textContent = await copied(what, text);
  }

  async function saveFile() {
    const {model, tokens, prompt, options, seed} = state.shown;
    said.textContent = 'Reading the text once more…';
    try {
      const {html} = await post('/inkling/v1/transcript',
        {model, ids: tokens.map(token => token.id), from: Math.max(1, prompt), seed, ...options});
      const link = element('a', {download: `${model}-${seed}.html`, href: URL.createObjectURL(new Blob([html], {type: 'text/html'}))});
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      said.textContent = `Saved as ${link.download}.`;
    } catch (e) {
      said.textContent = e.message;
    }
  }

  form.addEventListener('change', draw);
  for (const event of ['branch', 'tree', 'model']) app.on(event, draw);
  app.on('branch', branch => { if (branch) history.replaceState(null, '', linkOf(branch)); });
  const recall = () => {
    const what = recalled(location.hash);
    if (!what) return;
    const ready = what.model && state.models.includes(what.model) && what.model !== state.model ? app.use(what.model) : Promise.resolve();
    ready.then(() => app.tell('recall', what));
  };
  let begun = false;
  app.on('model', () => {
    if (begun) return;
    begun = true;
    recall();
  });
  addEventListener('hashchange', recall);
  draw();
}
