// The settings of sampling, named as in SamplingField.java: all that the page knows about each of them, except its arithmetic (shape.js).

/**
 * Of each setting:
 *   name            its name in requests
 *   neutral         the value that changes nothing
 *   first           the value when the page is opened, if that is not the neutral value
 *   title, hint     its label, and what it does
 *   min, max, step  of its slider
 *   letter          its name in links
 *   client          its method in openai-java, if OpenAI has the field
 */
export const SAMPLING = [
  {name: 'temperature', neutral: 1, first: 0.8, title: 'Temperature', min: 0, max: 2, step: 0.05,
    hint: '0 takes the likeliest; higher is bolder', letter: 't', client: 'temperature'},
  {name: 'top_k', neutral: 0, title: 'Top-k', min: 0, max: 200, step: 1, hint: 'only the k likeliest; 0 for all', letter: 'k'},
  {name: 'top_p', neutral: 1, title: 'Top-p', min: 0.01, max: 1, step: 0.01, hint: 'only the likeliest that together reach p',
    letter: 'p', client: 'topP'},
  {name: 'min_p', neutral: 0, title: 'Min-p', min: 0, max: 1, step: 0.01,
    hint: 'only tokens at least this fraction as likely as the likeliest', letter: 'm'},
  {name: 'repetition_penalty', neutral: 1, title: 'Repetition penalty', min: 0.5, max: 2, step: 0.05,
    hint: 'above 1 makes tokens that are already in the text less likely',
    letter: 'r'},
];

/** Whether a setting takes whole numbers alone. */
export const isWhole = ({step}) => Number.isInteger(step);

/** All settings at their neutral values: the model's own distribution. */
export const NEUTRAL_OPTIONS = Object.fromEntries(SAMPLING.map(({name, neutral}) => [name, neutral]));

/** The settings when the page is opened: the defaults of `inkling sample`. */
export const DEFAULT_OPTIONS = Object.fromEntries(SAMPLING.map(({name, neutral, first = neutral}) => [name, first]));

/** Whether two sets of settings are the same. */
export const same = (one, other) => SAMPLING.every(({name}) => one[name] === other[name]);

/** The settings in words: the temperature, and the other settings that change something. */
export const said = options => SAMPLING.filter(({name, neutral}) => name === 'temperature' || options[name] !== neutral)
  .map(({name, title}) => `${title.toLowerCase()} ${options[name]}`).join(', ');

/** The settings as options of `inkling sample`. The temperature is always given. */
export const asCommand = options => SAMPLING.filter(({name, neutral}) => name === 'temperature' || options[name] !== neutral)
  .map(({name}) => `--${name.replaceAll('_', '-')} ${options[name]}`).join(' ');
