// The settings of sampling. They reshape the bars at once, and hold for the next text that is written.
import {DEFAULT_OPTIONS, SAMPLING, isWhole, same} from './sampling.js';
import {button} from './words.js';

const {element} = inkling;

export function showKnobs(root, app) {
  const rows = SAMPLING.map(setting => {
    const {name, title, min, max, step, hint} = setting;
    const slider = element('input', {type: 'range', id: 'knob-' + name, min, max, step, 'aria-describedby': 'hint-' + name});
    const exact = element('input', {type: 'number', min, max, step: isWhole(setting) ? 1 : 'any', 'aria-label': title + ', as a number'});
    slider.addEventListener('input', () => app.setOptions({[name]: Number(slider.value)}));
    exact.addEventListener('change', () => {
      if (exact.value !== '' && exact.checkValidity()) app.setOptions({[name]: Number(exact.value)});
      else exact.value = app.state.options[name];
    });
    root.append(element('label', {for: 'knob-' + name, title: hint}, title), slider, exact,
      element('span', {class: 'unseen', id: 'hint-' + name}, hint));
    return {name, slider, exact};
  });
  const buttons = element('p', {class: 'buttons'},
    button('As written', () => app.setOptions({...app.state.shown.options}),
      {id: 'as-drawn', title: 'the settings with which this text was written'}),
    button('Defaults', () => app.setOptions({...DEFAULT_OPTIONS}), {id: 'defaults'}));
  root.append(buttons);

  function draw() {
    const {options, shown} = app.state;
    for (const {name, slider, exact} of rows) {
      if (Number(slider.value) !== options[name]) slider.value = options[name];
      if (Number(exact.value) !== options[name] || exact.value === '') exact.value = options[name];
    }
    buttons.firstChild.disabled = !shown || same(options, shown.options);
    buttons.lastChild.disabled = same(options, DEFAULT_OPTIONS);
  }
  for (const event of ['options', 'branch']) app.on(event, draw);
  draw();
}
