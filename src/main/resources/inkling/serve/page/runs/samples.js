// What the model wrote during the training, one sample at a time.
import {button} from '../words.js';
import {nearest} from './curves.js';
import {grouped} from './figures.js';
import {pathOf} from './server.js';

const {element} = inkling;
const KEPT = 50;

/** @param onChoose takes the step whose sample is shown now */
export function showSamples(server, name, signal, onChoose) {
  const texts = new Map();
  let steps = [], prompt = '', at = -1, followsNewest = true;
  const slider = element('input', {type: 'range', min: 0, max: 0, value: 0, id: 'sample', 'aria-label': 'Sample at step'});
  const back = button('←', () => go(at - 1), {'aria-label': 'Previous sample'});
  const forth = button('→', () => go(at + 1), {'aria-label': 'Next sample'});
  const where = element('span', {class: 'number where'}), strip = element('div', {class: 'strip', hidden: ''}, back, slider, forth, where);
  const text = element('pre', {class: 'sample-text', tabindex: 0}), more = element('p', {class: 'note more', hidden: ''});
  const title = element('h2', {}, 'What it writes');
  const panel = element('section', {class: 'samples', hidden: '', 'aria-label': 'Samples'},
    title, text, more);
  slider.addEventListener('input', () => go(Number(slider.value)));

  function go(to) {
    if (!steps.length) return;
    at = Math.max(0, Math.min(steps.length - 1, to));
    followsNewest = at === steps.length - 1;
    show();
  }

  async function show() {
    const step = steps[at];
    slider.max = steps.length - 1;
    slider.value = at;
    slider.setAttribute('aria-valuetext', 'step ' + grouped(step));
    where.textContent = 'step ' + grouped(step);
    back.disabled = at === 0;
    forth.disabled = at === steps.length - 1;
    onChoose(step);
    try {
      const written = texts.get(step) ?? (await server.get(pathOf(name, '/samples?step=' + step), signal)).text;
      keep(step, written);
      if (steps[at] !== step) return;                    // another sample was chosen meanwhile
      const begins = prompt && written.startsWith(prompt);
      text.replaceChildren(...begins ? [element('span', {class: 'prompt'}, prompt), written.slice(prompt.length)] : [written]);
      text.dataset.step = step;
    } catch (e) {
      if (!signal.aborted && steps[at] === step) text.textContent = e.message;
    }
  }

  /** While the run trains, says when the next sample comes. If the run writes few samples, also says which command writes more. */
  function tellMore(run) {
    const {sample_interval: interval, sample_next: next, sample_milestones: milestones, more_samples: offer, state} = run;
    const running = state === 'running';
    const first = running && next !== null ? `The ${steps.length ? 'next' : 'first'} sample comes at step ${grouped(next)}. ` : '';
    const beside = milestones.length ? ', and at step ' + milestones.map(grouped).join(', ') : '';
    const where = running ? 'stop it, then' : state === 'finished' ? 'in another run' : 'from here on';
    const words = !offer ? [first] : [first,
      interval ? `This run writes one each ${grouped(interval)} updates${beside}. ` : 'This run writes none. ',
      `For one each ${grouped(offer.interval)}, ${where}: `, element('code', {}, offer.command)];
    if (more.dataset.now === JSON.stringify([first, where, offer])) return;
    more.dataset.now = JSON.stringify([first, where, offer]);
    more.replaceChildren(...words);
    more.hidden = !more.textContent;
  }

  function keep(step, written) {
    texts.delete(step);
    texts.set(step, written);
    if (texts.size > KEPT) texts.delete(texts.keys().next().value);
  }

  return {
    strip, panel,
    chosen: () => at < 0 ? null : steps[at],
    /** Chooses the sample nearest to a step. */
    choose: step => go(nearest(steps, step)),
    update(run) {
      const before = steps, shown = steps[at];
      steps = run.sample_steps;
      prompt = run.sample_prompt || '';
      title.textContent = 'What it writes' + (prompt.trim() ? ` after “${prompt}”` : prompt ? ' after a new line' : '');
      strip.hidden = text.hidden = !steps.length;
      tellMore(run);
      panel.hidden = !steps.length && more.hidden;
      if (before.length && steps.length < before.length) texts.clear();       // the run was resumed at an earlier step
      if (!steps.length || steps.length === before.length && steps[at] === shown) return;
      at = followsNewest || shown === undefined ? steps.length - 1 : Math.max(0, nearest(steps, shown));
      show();
    },
  };
}
