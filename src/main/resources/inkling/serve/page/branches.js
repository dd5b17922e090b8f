// The tree of all texts that were written, with buttons that go back and forward among the places shown so far: a text and its chosen
// token. Also the view of a second text beside the shown one.
import {said} from './sampling.js';
import {answerOf, departure} from './tree.js';
import {button, chance, count, flowing, shade} from './words.js';

const {element} = inkling;
const LONGEST_LABEL = 46;

export function showBranches(root, app) {
  const {state} = app;
  const back = button('←', () => app.go(-1), {id: 'back', 'aria-label': 'Back', title: 'Back: Alt+Shift+Left'});
  const forward = button('→', () => app.go(1), {id: 'forward', 'aria-label': 'Forward', title: 'Forward: Alt+Shift+Right'});
  const forget = button('Forget all', () => app.forget(), {class: 'quiet'});
  const tree = element('ul', {role: 'tree', 'aria-label': 'Branches'});
  root.append(element('div', {class: 'head'}, element('h2', {}, 'Branches'), element('span', {class: 'buttons'}, back, forward, forget)),
    tree);
  let focused = null;

  function label(branch) {
    const own = branch.tokens.slice(branch.parent ? branch.at : 0).map(token => token.text || token.piece).join('').replaceAll('\n', ' ↵ ');
    return own.length > LONGEST_LABEL ? own.slice(0, LONGEST_LABEL) + '…' : own || '…';
  }

  function item(branch) {
    const {options, seed} = branch;
    const where = branch.parent ? `at ${branch.at + 1}` : 'start';
    const line = element('div', {class: 'line'}, element('span', {class: 'where'}, where), element('span', {class: 'words'}, label(branch)),
      element('span', {class: 'with'}, `T ${options.temperature} · seed ${seed}`),
      button('Beside', () => app.putBeside(state.beside === branch ? null : branch),
        {class: 'quiet', tabindex: -1, 'aria-pressed': String(state.beside === branch), 'aria-label': 'Show beside: ' + label(branch)}));
    const li = element('li', {role: 'treeitem', 'aria-selected': String(branch === state.shown), 'data-branch': branch.id,
      'aria-label': `${where}: ${label(branch)}`}, line);
    li.tabIndex = branch === (focused || state.shown || app.tree.all()[0]) ? 0 : -1;
    const children = app.tree.children(branch);
    if (children.length) {
      li.setAttribute('aria-expanded', 'true');
      li.append(element('ul', {role: 'group'}, ...children.map(item)));
    }
    return li;
  }

  function draw() {
    root.hidden = !app.tree.all().length;
    if (focused && !app.tree.get(focused.id)) focused = null;
    const had = tree.contains(document.activeElement);
    tree.replaceChildren(...app.tree.children(null).map(item));
    if (had) tree.querySelector('[tabindex="0"]')?.focus();
    back.disabled = !app.canGo(-1);
    forward.disabled = !app.canGo(1);
  }

  tree.addEventListener('click', e => {
    const li = e.target.closest('[data-branch]');
    if (li && !e.target.closest('button')) show(li);
  });
  const show = li => {
    focused = app.tree.get(Number(li.dataset.branch));
    app.show(focused, Math.min(focused.at, focused.tokens.length - 1));
  };
  tree.addEventListener('keydown', e => {
    const li = e.target.closest('[data-branch]');
    if (!li || e.target !== li) return;
    const all = [...tree.querySelectorAll('[data-branch]')], i = all.indexOf(li);
    const to = {ArrowDown: all[i + 1], ArrowUp: all[i - 1], Home: all[0], End: all.at(-1),
      ArrowLeft: li.parentElement.closest('[data-branch]'),
      ArrowRight: li.querySelector('[data-branch]')}[e.key];
    if (e.key === 'Enter' || e.key === ' ') show(li);
    else if (e.key === 'b') app.putBeside(app.tree.get(Number(li.dataset.branch)));
    else if (!to) return;
    e.preventDefault();
    if (to) {
      all.forEach(other => { other.tabIndex = other === to ? 0 : -1; });
      focused = app.tree.get(Number(to.dataset.branch));
      to.focus();
    }
  });
  document.addEventListener('keydown', e => {
    if (!e.altKey || !e.shiftKey || !['ArrowLeft', 'ArrowRight'].includes(e.key)) return;
    e.preventDefault();
    app.go(e.key === 'ArrowLeft' ? -1 : 1);
  });
  for (const event of ['tree', 'beside', 'select']) app.on(event, draw);
  draw();
}

/** What the text beside is to the shown one, by the position `from` at which they part and by their lengths. */
function relation(from, beside, shown) {
  if (from < Math.min(beside, shown)) return `first different token: ${from + 1}`;
  if (beside === shown) return 'the same';
  return beside < shown ? 'the beginning of the shown text' : 'begins with the shown text';
}

/** Shows another branch beside the shown branch, and marks the first token at which they differ. */
export function showBeside(root, app) {
  const {state} = app;
  const swap = button('Swap', () => {
    const {beside, shown} = state;
    app.putBeside(shown);
    app.show(beside);
  });
  const note = element('p', {class: 'note'}), text = element('div', {class: 'text'});
  root.append(element('div', {class: 'head'}, element('h2', {}, 'Beside'),
    element('span', {class: 'buttons'}, swap, button('Close', () => app.putBeside(null)))), note, text);
  let frame = 0;                                     // the pending animation frame, or 0

  function draw() {
    frame = 0;
    const {beside, shown} = state;
    root.hidden = !beside || !shown;
    if (root.hidden) return;
    const from = departure(beside.tokens, shown.tokens);
    const {options, seed} = beside;
    note.textContent = `${said(options)} · seed ${seed} · ${relation(from, beside.tokens.length, shown.tokens.length)}`
      + ` · ${count(answerOf(beside).length, 'character')}`;
    text.replaceChildren(...beside.tokens.map((token, i) => {
      const e = element('span', {class: `token-shade${i < beside.prompt ? ' prompt' : ''}${i === from ? ' parts' : ''}`,
        title: `${token.piece}: ${chance(token.logprob)}`}, ...flowing(token));
      e.style.setProperty('--shade', shade(token.logprob, document.getElementById('shade-by').value).toFixed(3));
      return e;
    }));
  }

  const drawSoon = () => { frame ||= requestAnimationFrame(draw); };
  for (const event of ['beside', 'branch', 'text']) app.on(event, drawSoon);
  draw();
}
