// What the model is given: a text to go on with, or a conversation; and how long, how exact, with which seed.
import {createChat} from './chat.js';
import {isBusy, isWritten} from './tree.js';
import {button, labelled} from './words.js';

const {element} = inkling;

export function showComposer(root, app) {
  const {state} = app;
  const kinds = element('div', {class: 'kinds', role: 'radiogroup', 'aria-label': 'What the model is given'});
  const text = element('textarea', {id: 'prompt', rows: 3, 'aria-label': 'Text to go on with', placeholder: 'It was', spellcheck: 'false'});
  const chat = createChat(app, () => write());
  const length = element('input', {type: 'number', id: 'max-tokens', min: 1, max: 100000, value: state.maxTokens});
  const seed = element('input', {type: 'number', id: 'seed', min: 0, max: Number.MAX_SAFE_INTEGER, placeholder: 'any'});
  const exact = element('input', {type: 'checkbox', id: 'exact'});
  const writeButton = button('Write', () => write(), {id: 'write', class: 'main', title: 'Ctrl+Enter'});
  const stop = button('Stop', () => state.shown?.stop(), {id: 'stop', title: 'Escape'});
  const goOn = button('Go on', () => app.goOn(), {id: 'go-on', title: 'more after the last token'});
  const again = button('Same seed, these settings', () => app.again(), {id: 'again', title: 'the two texts side by side'});
  const problem = element('p', {class: 'note problem', role: 'alert', hidden: ''});
  const pick = ['text', 'chat'].map(kind => {
    const radio = element('input', {type: 'radio', name: 'kind', value: kind, id: 'kind-' + kind});
    radio.addEventListener('change', () => choose(kind));
    kinds.append(element('label', {}, radio, kind === 'text' ? ' Text' : ' Chat'));
    return radio;
  });
  root.append(element('h2', {class: 'unseen'}, 'Beginning'), kinds, text, chat.root,
    element('div', {class: 'row'}, labelled('Tokens', length), labelled('Seed', seed),
      element('label', {title: 'the very text of inkling sample, whatever else the server does'}, exact, ' exact'),
      element('span', {class: 'buttons'}, stop, again, goOn, writeButton)), problem);

  function choose(kind) {
    state.kind = kind;
    pick.forEach(radio => { radio.checked = radio.value === kind; });
    text.hidden = kind !== 'text';
    chat.root.hidden = kind !== 'chat';
  }

  function tell(what) {
    problem.hidden = !what;
    problem.textContent = what;
  }

  function take() {
    for (const input of [length, seed]) {
      if (!input.checkValidity()) {
        tell(`${input === seed ? 'The seed' : 'Tokens'} must be a whole number${input === seed ? '' : ' of at least 1'}.`);
        input.focus();
        return false;
      }
    }
    tell('');
    Object.assign(state, {maxTokens: Number(length.value) || 1, seed: seed.value, exact: exact.checked});
    return true;
  }

  function write() {
    if (!take() || !state.model) return;
    app.write({source: state.kind === 'chat' ? chat.source() : {prompt: text.value}});
  }

  function draw() {
    const {shown, connection} = state;
    const busy = Boolean(shown) && isBusy(shown);
    stop.hidden = !busy;
    writeButton.disabled = !state.model || connection.state === 'key';
    goOn.hidden = again.hidden = busy || !shown || !isWritten(shown);
  }

  for (const input of [length, seed, exact]) input.addEventListener('change', take);
  document.addEventListener('keydown', e => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      write();
    } else if (e.key === 'Escape' && !stop.hidden) {
      state.shown.stop();
    }
  });
  for (const event of ['branch', 'text', 'model', 'connection']) app.on(event, draw);
  app.on('text', branch => { if (branch === state.shown && isWritten(branch) && branch.source.messages) chat.answered(branch); });
  app.on('branch', branch => { if (branch?.source.messages) chat.take(branch); });
  app.on('model', () => {
    const {properties} = state;
    const chats = !/cannot chat/.test(properties.chat_remark || '');
    pick[1].disabled = !chats;
    chat.remark(properties.chat_remark || '');
    if (!chats) choose('text');
  });

  /** Fills the fields from a permalink, and writes what it names. */
  app.on('recall', ({source, options, ...rest}) => {
    app.setOptions(options);
    length.value = rest.maxTokens;
    seed.value = rest.seed;
    exact.checked = rest.exact;
    choose(source.messages ? 'chat' : 'text');
    if (source.messages) chat.fill(source.messages);
    else text.value = source.prompt || '';
    const other = rest.model && rest.model !== state.model;
    if (take()) app.write({source});
    if (other) tell(`The link is of the model ${rest.model}, which this server does not have: ${state.model} writes instead.`);
  });
  choose('text');
  draw();
}
