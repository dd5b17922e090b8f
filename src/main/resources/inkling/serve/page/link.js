// A link that names a text in the address's fragment (after #), which browsers never send to a server.
import {SAMPLING, isWhole} from './sampling.js';

/** `#model=…&prompt=…&seed=…`: what is needed to write the branch again. Settings that change nothing are left out. */
export function linkOf({model, source, options, seed, exact, maxTokens}) {
  const fields = new URLSearchParams({model, seed, n: maxTokens});
  for (const {name, letter, neutral} of SAMPLING) if (options[name] !== neutral) fields.set(letter, options[name]);
  if (exact) fields.set('exact', '1');
  if (source.messages) {
    fields.set('chat', JSON.stringify(source.messages));
    if (source.begin.length) fields.set('begin', source.begin.join());
  } else if (source.ids) {
    fields.set('ids', source.ids.join());
  } else {
    fields.set('prompt', source.prompt);
  }
  return '#' + fields;
}

/** What a fragment asks for; null if it names no text. */
export function recalled(fragment) {
  const fields = new URLSearchParams(fragment.slice(1));
  const kind = ['chat', 'ids', 'prompt'].find(name => fields.has(name));
  if (!kind) return null;
  const ids = name => (fields.get(name) || '').split(',').filter(Boolean).map(Number);
  try {
    const source = kind === 'chat' ? {messages: JSON.parse(fields.get('chat')), begin: ids('begin')} : kind === 'ids' ? {ids: ids('ids')}
      : {prompt: fields.get('prompt')};
    const options = Object.fromEntries(SAMPLING.map(setting => {
      const value = number(fields.get(setting.letter), setting.neutral);
      return [setting.name, isWhole(setting) ? Math.round(value) : value];
    }));
    return {model: fields.get('model'), source, options, seed: fields.get('seed') || '', exact: fields.has('exact'),
      maxTokens: number(fields.get('n'), 60)};
  } catch {
    return null;                                       // the link was cut short
  }
}

const number = (text, otherwise) => text !== null && Number.isFinite(Number(text)) ? Number(text) : otherwise;
