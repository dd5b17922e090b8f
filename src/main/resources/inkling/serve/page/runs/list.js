// The list of all runs of the folder, with a row for each. The user may choose runs to lay their curves over each other.
import {button, count} from '../words.js';
import {bytes, grouped, linkTo, lossAt, stateOf, time, wrong} from './figures.js';
import {pause, visible} from './server.js';

const {element} = inkling;
const BETWEEN = 3000;        // milliseconds between two looks
const MOST_COMPARED = 8, KEPT = 2;   // KEPT: the first cells of a row, which never change

/** @param process the process id of a training, or null; the page goes to the run of this training as soon as the run exists */
export function showList(root, server, process) {
  const over = new AbortController(), chosen = new Set();
  const compare = button('Lay over each other', () => {
    location.hash = new URLSearchParams([...chosen].map(name => ['compare', name]));
  }, {class: 'main', disabled: ''});
  const fault = element('p', {class: 'warning', role: 'alert', hidden: ''}), hint = element('p', {class: 'note'});
  const body = element('tbody'), faults = element('div', {class: 'faults'});
  const head = ['', 'run', 'state', 'updates', 'best validation loss', 'last', 'time', 'left', 'size', 'vocabulary or base'];
  const table = element('table', {class: 'table list'},
    element('thead', {}, element('tr', {}, ...head.map(name => element('th', {scope: 'col', class: numeric(name)}, name)))), body);
  const scroll = element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Runs', hidden: ''}, table);
  const bar = element('div', {class: 'row', hidden: ''}, compare,
    element('span', {class: 'note'}, 'Choose two runs or more to lay their curves over each other.'));
  document.title = 'Runs · Inkling';
  root.append(element('h1', {}, 'Runs'), fault, hint, faults, scroll, bar);

  function update({folder, runs, unreadable, beside}) {
    const isBeside = process && String(beside?.process) === process;
    const begun = process && runs.find(run => String(run.trainer) === process || isBeside && run.name === beside.run);
    if (begun) {
      location.replace(linkTo(begun.name));
      return;
    }
    const running = runs.filter(run => run.state === 'running').length;
    fault.hidden = !isBeside || !beside.ended;
    fault.textContent = fault.hidden ? '' : beside.fault ? `The training failed: ${beside.fault}`
      : 'The training has ended without a run. Its terminal says why.';
    hint.textContent = isBeside && !beside.ended ? 'The training is reading its text; its run is shown here as soon as it begins.'
      : runs.length ? `${count(runs.length, 'run')} in ${folder}, ${running || 'none'} training now.`
      : `There are no runs in ${folder} yet: \`./inkling train CONFIG.yaml\` begins one, \`./inkling new --data PATH\` writes a run file.`;
    scroll.hidden = !runs.length;
    bar.hidden = runs.length < 2;
    for (const name of chosen) if (!runs.some(run => run.name === name)) chosen.delete(name);
    keepRows(body, runs, row);
    faults.replaceChildren(...Object.entries(unreadable).map(([name, fault]) =>
      element('p', {class: 'warning'}, `${name} cannot be read: ${fault}`)));
    tellChosen();
    root.dataset.state = 'ready';
  }

  /** Fills a row. The choice and the link of a run stay as they are, so that they keep the focus and a click is not lost. */
  function row(run, tr) {
    if (!tr.cells.length) {
      tr.append(element('td', {}, choice(run.name)), element('th', {scope: 'row'}, element('a', {href: linkTo(run.name)}, run.name)));
    }
    const cells = [
      element('td', {}, stateOf(run), ...wrong(run).slice(0, 1).map(w => element('span', {class: 'flag', title: w.text}, flagOf(w.kind)))),
      element('td', {class: 'number'}, `${grouped(run.step)} of ${grouped(run.max_steps)}`, progress(run)),
      element('td', {class: 'number'}, lossAt(run.best_val_loss)),
      element('td', {class: 'number'}, run.last_val_loss ? run.last_val_loss.loss.toFixed(4) : '–'),
      element('td', {class: 'number'}, time(run.seconds)),
      element('td', {class: 'number'}, run.seconds_left === null ? '' : time(run.seconds_left)),
      element('td', {class: 'number'}, bytes(run.bytes)),
      element('td', {class: 'from'}, run.from),
    ];
    tr.className = run.state;
    [...tr.cells].slice(KEPT).forEach(cell => cell.remove());
    tr.append(...cells);
  }

  function choice(name) {
    const box = element('input', {type: 'checkbox', 'aria-label': 'Lay over others: ' + name});
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(name);
      else chosen.delete(name);
      tellChosen();
    });
    return box;
  }

  function tellChosen() {
    compare.disabled = chosen.size < 2 || chosen.size > MOST_COMPARED;
    compare.textContent = chosen.size ? `Lay ${chosen.size} over each other` : 'Lay over each other';
  }

  (async () => {
    for (;;) {
      await visible(over.signal);
      update(await server.list(over.signal));
      await pause(BETWEEN, over.signal);
    }
  })().catch(e => { if (!over.signal.aborted) hint.textContent = e.message; });
  return () => over.abort();
}

const numeric = name => ['updates', 'best validation loss', 'last', 'time', 'left', 'size'].includes(name) ? 'number' : '';

const flagOf = kind => ({validation: 'validation rises', spike: 'loss jumped', disk: 'disk nearly full', not_finite: 'not finite',
  failed: 'failed', diverged: ''})[kind] ?? kind;

const progress = run => element('progress', {max: run.max_steps, value: Math.min(run.step, run.max_steps), 'aria-label': 'updates'});

/** Updates rows in place, so that the focus stays where it is. Adds a row for each new run, and removes those of runs that are gone. */
function keepRows(body, runs, fill) {
  const before = new Map([...body.rows].map(tr => [tr.dataset.name, tr])), focused = document.activeElement;
  runs.forEach((run, i) => {
    const tr = before.get(run.name) || element('tr', {'data-name': run.name});
    const now = JSON.stringify(run);
    if (tr.dataset.filled !== now) {
      fill(run, tr);
      tr.dataset.filled = now;
    }
    if (body.rows[i] !== tr) body.insertBefore(tr, body.rows[i] || null);
  });
  while (body.rows.length > runs.length) body.lastElementChild.remove();
  if (document.activeElement !== focused && body.contains(focused)) focused.focus();       // a row that moved loses it
}
