// The form for what the model is given: a text to go on with, or a conversation. It also has the settings of length, seed and exactness.
import {createChat} from './chat.js';
import {isBusy, isFull, isWritten} from './tree.js';
import {button, count, labelled} from './words.js';

const {element} = inkling;
const UNTAUGHT = 'This model was not trained on conversations: it continues what you say as it continues any text.';

export function showComposer(root, app) {
  const {state} = app;
  const kinds = element('div', {class: 'kinds', role: 'radiogroup', 'aria-label': 'What the model is given'});
  const text = element('textarea', {id: 'prompt', rows: 3, 'aria-label': 'Text to go on with', spellcheck: 'false',
    placeholder: 'Empty: the model begins by itself'});
  const chat = createChat(app, () => write());
  const length = element('input', {type: 'number', id: 'max-tokens', min: 1, max: 100000, value: state.maxTokens});
  const seed = element('input', {type: 'number', id: 'seed', min: 0, max: Number.MAX_SAFE_INTEGER, placeholder: 'any'});
  const exact = element('input', {type: 'checkbox', id: 'exact'});
  const writeButton = button('Write', () => write(), {id: 'write', class: 'main', title: 'Ctrl+Enter'});
  const stop = button('Stop', () => state.shown?.stop(), {id: 'stop', title: 'Escape'});
  const goOn = button('Go on', () => app.goOn(), {id: 'go-on'});
  const again = button('Same seed, these settings', () => app.again(), {id: 'again',
    title: 'writes again, and shows the two texts side by side'});
  const problem = element('p', {class: 'note problem', role: 'alert', hidden: ''});
  const radios = ['text', 'chat'].map(kind => {
    const radio = element('input', {type: 'radio', name: 'kind', value: kind, id: 'kind-' + kind});
    radio.addEventListener('change', () => choose(kind));
    kinds.append(element('label', {}, radio, kind === 'text' ? ' Text' : ' Chat'));
    return radio;
  });
  root.append(element('h2', {class: 'unseen'}, 'Beginning'), kinds, text, chat.root,
    element('div', {class: 'row'}, labelled('Tokens', length), labelled('Seed', seed),
      element('label', {title: 'the same text that inkling sample writes, whatever else the server does'}, exact, ' exact'),
      element('span', {class: 'buttons'}, stop, again, goOn, writeButton)), problem);

  let typed = false;                                 // whether the text is the user's, not the one that the page proposes

  function choose(kind) {
    state.kind = kind;
    radios.forEach(radio => { radio.checked = radio.value === kind; });
    text.hidden = kind !== 'text';
    chat.root.hidden = kind !== 'chat';
  }

  function tell(what) {
    problem.hidden = !what;
    problem.textContent = what;
  }

  function takeFields() {
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
    if (!takeFields() || !state.model) return;
    app.write({source: state.kind === 'chat' ? chat.source() : {prompt: text.value}});
  }

  function draw() {
    const {shown, connection} = state;
    const busy = Boolean(shown) && isBusy(shown);
    stop.hidden = !busy;
    writeButton.disabled = !state.model || connection.state === 'key';
    goOn.hidden = again.hidden = busy || !shown || !isWritten(shown);
    goOn.disabled = Boolean(shown) && isFull(shown);
    goOn.title = goOn.disabled ? `the text fills the model's context of ${count(shown.context, 'token')}`
      : 'writes more after the last token';
  }

  text.addEventListener('input', () => { typed = true; });
  for (const input of [length, seed, exact]) input.addEventListener('change', takeFields);
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
    radios[1].disabled = !chats;
    if (!typed) text.value = properties.beginning;
    chat.remark(properties.chat_remark || (properties.converses ? '' : UNTAUGHT));
    if (!chats) choose('text');
  });

  /** Fills the fields from a link (link.js), and has the model write the text that the link names. */
  app.on('recall', ({source, options, ...rest}) => {
    app.setOptions(options);
    length.value = rest.maxTokens;
    seed.value = rest.seed;
    exact.checked = rest.exact;
    typed = true;
    choose(source.messages ? 'chat' : 'text');
    if (source.messages) chat.fill(source.messages);
    else text.value = source.prompt || '';
    const other = rest.model && rest.model !== state.model;
    if (takeFields()) app.write({source});
    if (other) tell(`The link is of the model ${rest.model}, which this server does not have: ${state.model} writes instead.`);
  });
  choose('text');
  draw();
}
