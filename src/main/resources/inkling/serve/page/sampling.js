// The settings of sampling, as SamplingField has them: everything that the page knows of each, but the arithmetic, which is in shape.js.

/**
 * name: as requests call it; neutral: the value that changes nothing, with which a page begins; min, max, step: of its slider;
 * letter: its name in links; says: the setting in a line of text; client: its method in openai-java, where OpenAI has the field.
 */
export const SAMPLING = [
  {name: 'temperature', neutral: 1, title: 'Temperature', min: 0, max: 2, step: 0.05, hint: '0 takes the likeliest; higher is bolder',
    letter: 't', client: 'temperature'},
  {name: 'top_k', neutral: 0, title: 'Top-k', min: 0, max: 200, step: 1, hint: 'only the k likeliest; 0 for all', letter: 'k'},
  {name: 'top_p', neutral: 1, title: 'Top-p', min: 0.01, max: 1, step: 0.01, hint: 'the likeliest that reach p together', letter: 'p', client: 'topP'},
  {name: 'min_p', neutral: 0, title: 'Min-p', min: 0, max: 1, step: 0.01, hint: 'only those with this share of the likeliest', letter: 'm'},
  {name: 'repetition_penalty', neutral: 1, title: 'Repetition penalty', min: 0.5, max: 2, step: 0.05, hint: 'above 1 makes what was said less likely',
    letter: 'r'},
];

/** All settings at their neutral values: the model's own distribution. */
export const DEFAULT_OPTIONS = Object.fromEntries(SAMPLING.map(({name, neutral}) => [name, neutral]));

/** Whether two settings are the same. */
export const same = (one, other) => SAMPLING.every(({name}) => one[name] === other[name]);

/** The settings in words, those that change nothing left out but for the temperature. */
export const said = options => SAMPLING.filter(({name, neutral}) => name === 'temperature' || options[name] !== neutral)
  .map(({name, title}) => `${title.toLowerCase()} ${options[name]}`).join(', ');

/** The settings as options of `inkling sample`, whose own temperature is another one. */
export const asCommand = options => SAMPLING.filter(({name, neutral}) => name === 'temperature' || options[name] !== neutral)
  .map(({name}) => `--${name.replaceAll('_', '-')} ${options[name]}`).join(' ');
