// Buttons that stop, resume and extend a run, and one that opens it in the playground. The first three ask the user to confirm, and show
// the command that does the same.
import {button, copied} from '../words.js';
import {grouped} from './figures.js';
import {pathOf} from './server.js';

const {element} = inkling;

/** @param now gives the run's present status */
export function showSteering(server, name, now) {
  const buttons = element('div', {class: 'steering buttons'}), dialog = element('dialog', {'aria-labelledby': 'question'});
  const said = element('p', {class: 'note said', role: 'status'});
  const stop = button('Stop…', () => {
    const {trainer, stop_command: command, by_workers: byWorkers} = now();   // as shown now: another training may begin meanwhile
    ask({
      title: `Stop ${name}?`,
      text: `The run finishes its current ${byWorkers ? 'round' : 'update'}, saves a checkpoint, and ends.`
        + ' It can go on from there as if it had never stopped.',
      command: () => command, yes: 'Stop it', path: 'stop', body: () => ({trainer}), done: 'It was asked to stop. It saves and ends.',
    });
  });
  const resume = button('Resume…', () => ask({
    title: `Go on with ${name}?`, text: now().state === 'diverged'
      ? 'It diverged. Going on from its last checkpoint makes the same updates again, with the same result.'
      : now().state === 'stopped_early'
      ? 'The run stopped early: its validation loss no longer improved. If resumed, it goes on without early stopping.'
      : `It goes on from its last checkpoint to step ${grouped(now().max_steps)}, as a process of its own: page and server may be closed.`,
    command: () => now().resume_command, yes: 'Resume it', path: 'resume', body: () => ({}), done: 'The training begins.',
  }));
  const extend = button('Extend…', () => {
    const {step, max_steps: most} = now();
    const field = element('input', {type: 'number', min: step + 1, step: 1, value: 2 * Math.max(most, step), id: 'max-steps'});
    ask({
      title: `Train ${name} for longer?`, text: 'The learning rate follows its schedule over the new length.',
      field: element('label', {}, 'Updates in all ', field),
      command: () => `${now().resume_command} --set train.max_steps=${field.value}`, yes: 'Extend it', path: 'resume',
      body: () => ({max_steps: Number(field.value)}), done: 'The training begins.',
    });
  });
  const look = button('Open in the playground', async () => {
    said.textContent = 'The model is being loaded…';
    try {
      const {model} = await server.post(pathOf(name, '/open'), {});
      location.href = '/#' + new URLSearchParams({model, prompt: now().sample_prompt || '\n'});
    } catch (e) {
      said.textContent = e.message;
    }
  });
  const why = element('p', {class: 'note why', hidden: ''}), waits = element('p', {class: 'note waits', hidden: ''});
  buttons.append(stop, resume, extend, look, why, waits, said);

  /** Why the user cannot stop or resume this run from here; '' if the user can. */
  const refusal = run => run.state === 'running' ? run.stop_refusal ?? ''
    : run.by_workers ? `Workers on Spark trained it, and only they go on with it: ${run.resume_command}` : '';

  function ask({title, text, field, command, yes, path, body, done}) {
    const shown = element('code', {}), wrong = element('p', {class: 'warning', role: 'alert', hidden: ''});
    const told = element('p', {class: 'note', role: 'status'});
    const tell = () => {
      shown.textContent = command() ?? '';
      told.textContent = '';
    };
    const go = button(yes, async () => {
      go.disabled = true;
      try {
        await server.post(pathOf(name, '/' + path), body());
        dialog.close();
        said.textContent = done;
      } catch (e) {
        wrong.textContent = e.message;
        wrong.hidden = false;
        go.disabled = false;
      }
    }, {class: 'main', id: 'yes'});
    const copy = button('Copy', async () => { told.textContent = await copied(shown.textContent, shown); }, {class: 'quiet'});
    dialog.replaceChildren(element('h2', {id: 'question'}, title), element('p', {}, text), ...field ? [element('p', {}, field)] : [],
      element('p', {class: 'note'}, 'The command that does the same:'), element('div', {class: 'command'}, shown, copy), told, wrong,
      element('div', {class: 'row'}, element('span', {class: 'buttons'}, button('Cancel', () => dialog.close(), {id: 'no'}), go)));
    field?.querySelector('input').addEventListener('input', tell);
    tell();
    dialog.showModal();
    (field?.querySelector('input') || dialog.querySelector('#no')).focus();
  }

  return {
    buttons, dialog,
    update(run) {
      const running = run.state === 'running';
      stop.hidden = !running;
      stop.disabled = run.stopping || !run.stop_command;
      resume.hidden = running || run.state === 'finished';
      extend.hidden = running;
      resume.disabled = extend.disabled = run.starting || run.by_workers;
      const trained = run.checkpoints.some(({step}) => step > 0);
      waits.textContent = 'The playground can open it once it has learned something and saved it'
        + (running ? `, at step ${grouped(run.first_checkpoint)}.` : '.');
      waits.hidden = trained;
      why.textContent = refusal(run);
      why.hidden = !why.textContent;
      look.disabled = !trained;
      const now = run.state + run.checkpoints.length;           // if it changes, what `said` says is out of date
      if (said.dataset.state !== undefined && said.dataset.state !== now) said.textContent = '';
      said.dataset.state = now;
    },
  };
}
