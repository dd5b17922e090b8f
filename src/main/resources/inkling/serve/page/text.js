// Shows the text, token by token, and how far its writing has come.
import {said} from './sampling.js';
import {isBusy, isFull, isWritten} from './tree.js';
import {chance, count, flowing, shade} from './words.js';

const {element} = inkling;                  // the global that page.js makes; every page loads that script first
const BY = 'inkling-shade';
const TRY = [
  'point at any word of the text, or choose it: the bars show what else it could have been,',
  'move Temperature and the other knobs: they change the bars at once, and the text that is written next,',
  'choose a bar: the text goes on from there with that word, and the old one stays as a branch,',
  'choose a view at the foot of the page: what the model does inside to get there.',
];

export function showText(root, app) {
  const {state} = app;
  const list = element('div',
    {class: 'text tokens', role: 'listbox', 'aria-label': 'Text, token by token', 'aria-orientation': 'horizontal'});
  const note = element('p', {class: 'note state'});
  const aloud = element('p', {class: 'unseen', role: 'status'});   // read aloud at each change, so without counts while the text grows
  const by = element('select', {id: 'shade-by', 'aria-label': 'Shade tokens by'}, element('option', {value: 'probability'}, 'probability'),
    element('option', {value: 'surprise'}, 'surprise'));
  const legend = element('span', {class: 'scale'});
  const head = element('p', {class: 'legend'}, 'Shaded by ', by, ' ', legend, element('span', {class: 'keys'},
    'Point at a token to see what else it could have been. Or press Tab to go to the text, and the arrow keys to move in it.'));
  const empty = element('div', {class: 'note empty'},
    element('p', {}, 'Choose Write: the model goes on with what stands in the field. Then'),
    element('ul', {}, ...TRY.map(what => element('li', {}, what))));
  const settings = element('p', {class: 'note settings', hidden: ''});      // above the text, while another text is beside it
  root.append(element('h2', {class: 'unseen'}, 'Text'), head, empty, settings, list, note, aloud);
  by.value = localStorage.getItem(BY) || 'probability';
  const parts = [];
  let drawn = null, frame = 0;                                       // the branch in the list; the pending animation frame, or 0

  function part(i) {
    const e = element('span', {role: 'option', 'data-position': i});
    return e;
  }

  /** Brings the element of one token up to date. Most of the time, nothing about it has changed. */
  function fill(e, i, forks) {
    const {tokens, prompt: promptLength} = state.shown;
    const token = tokens[i];
    if (token) e.dataset.id = token.id;
    const kind = `token-shade${i < promptLength ? ' prompt' : ''}${forks.has(i) ? ' fork' : ''}`;
    if (e.className !== kind) e.className = kind;
    const content = token ? `${token.piece} ${token.text}` : 'next';
    if (e.dataset.content !== content) {
      e.dataset.content = content;
      e.replaceChildren(...(token ? flowing(token) : [element('span', {class: 'mark', 'aria-hidden': 'true'}, '▸')]));
    }
    const dark = token ? shade(token.logprob, by.value).toFixed(3) : '0';
    if (e.style.getPropertyValue('--shade') !== dark) e.style.setProperty('--shade', dark);
    const about = token ? `${token.piece}: ${chance(token.logprob)}` : 'What comes next';
    if (e.title !== about) {
      e.title = about;
      e.setAttribute('aria-label', about);
    }
    const chosen = i === state.position;
    e.setAttribute('aria-selected', String(chosen));
    e.tabIndex = chosen || (state.position === null && i === 0) ? 0 : -1;
  }

  function draw() {
    frame = 0;
    const branch = state.shown;
    list.hidden = head.hidden = note.hidden = !branch;
    if (!branch) settings.hidden = true;
    empty.hidden = Boolean(branch);
    if (!branch) return;
    settings.hidden = !state.beside;
    settings.textContent = said(branch.options) + ' · seed ' + branch.seed;
    if (branch !== drawn) {
      list.replaceChildren();
      parts.length = 0;
      drawn = branch;
    }
    const length = branch.tokens.length + (isWritten(branch) && branch.tokens.length ? 1 : 0);     // one more: what comes next
    while (parts.length > length) parts.pop().remove();
    while (parts.length < length) {
      parts.push(part(parts.length));
      list.append(parts.at(-1));
    }
    const forks = new Set(app.tree.children(branch).map(child => child.at));
    parts.forEach((e, i) => fill(e, i, forks));
    list.dataset.state = branch.state;
    list.setAttribute('aria-busy', String(isBusy(branch)));
    const how = told(branch);
    if (note.textContent !== how) note.textContent = how;
    const spoken = {writing: 'Writing.', reading: 'Reading the prompt.'}[branch.state] || how;
    if (aloud.textContent !== spoken) aloud.textContent = spoken;
  }

  /** Draws at the next animation frame, because many tokens may come before it. */
  const drawSoon = () => { frame ||= requestAnimationFrame(draw); };

  function drawLegend() {
    const values = by.value === 'surprise' ? [[1, '1 bit'], [4, '4'], [8, '8'], [14, '14 bits']]
      .map(([bits, name]) => [-bits * Math.LN2, name])
      : [0.01, 0.1, 0.5, 1].map(p => [Math.log(p), inkling.percent(p)]);
    legend.replaceChildren(...values.map(([logprob, name]) => {
      const e = element('span', {class: 'token-shade'}, name);
      e.style.setProperty('--shade', shade(logprob, by.value).toFixed(3));
      return e;
    }));
  }

  function choose(position, focus) {
    app.select(position);
    draw();
    if (focus) parts[position]?.focus();
  }

  list.addEventListener('click', e => {
    const token = e.target.closest('[data-position]');
    if (token) choose(Number(token.dataset.position), true);
  });
  // pointermove, not pointerenter: if the text moves under a pointer that rests, the user has not pointed at anything.
  list.addEventListener('pointermove', e => {
    const token = e.pointerType === 'mouse' && e.target.closest('[data-position]');
    if (token) app.peek(Number(token.dataset.position));
  });
  list.addEventListener('pointerleave', () => app.peek(null));
  list.addEventListener('keydown', e => {
    const token = e.target.closest('[data-position]');
    if (!token || e.ctrlKey || e.altKey || e.metaKey) return;
    const i = Number(token.dataset.position), last = parts.length - 1;
    const to = {ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: last, Enter: i, ' ': i}[e.key];
    if (to === undefined) return;
    e.preventDefault();
    choose(Math.min(last, Math.max(0, to)), true);
  });
  by.addEventListener('change', () => {
    localStorage.setItem(BY, by.value);
    drawLegend();
    draw();
  });
  app.on('branch', draw);
  app.on('beside', drawSoon);
  app.on('select', drawSoon);
  app.on('tree', drawSoon);
  app.on('text', branch => { if (branch === state.shown) drawSoon(); });
  drawLegend();
  draw();
}

/** Says how far the writing of a branch has come. `prompt` is the number of its tokens that were given to the model. */
export function told(branch) {
  const {figures, state, note, tokens, prompt, seed, finish} = branch;
  const written = tokens.length - prompt;
  const rate = figures.rate ? ` · ${figures.rate < 10 ? figures.rate.toFixed(1) : Math.round(figures.rate).toLocaleString('en')} tokens/s`
    : '';
  switch (state) {
    case 'asking': return 'Asking…';
    case 'waiting': return figures.ahead === 0 ? 'Waiting: next in line.' : `Waiting: ${count(figures.ahead, 'request')} before this one.`;
    case 'reading': return `Reading the prompt: ${figures.read} of ${count(figures.of, 'token')}.`;
    case 'writing': return `Writing: ${count(written, 'token')}${rate}`;
    case 'retrying': return `${note} Trying again by itself; Stop ends that.`;
    case 'failed': return `The text could not be written: ${note}`;
    case 'new': return '';
    default: {
      const end = state === 'stopped' ? 'stopped' : finish === 'stop' ? 'the model ended it'
        : isFull(branch) ? `the model's context of ${count(branch.context, 'token')} is full` : 'as many as were asked for';
      const begun = branch.source.prompt === '' ? ' · begun by the model itself' : '';
      const cached = figures.cached ? ` · ${figures.cached} of ${count(prompt, 'prompt token')} had been read before` : '';
      return `${count(written, 'token')}, ${end}${rate}${cached}${begun} · seed ${seed}${branch.exact ? ', exact' : ''}`;
    }
  }
}
