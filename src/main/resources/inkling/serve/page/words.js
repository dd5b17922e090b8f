// How tokens and figures are shown, the same everywhere on the page.
const {element, percent} = inkling;

export const bitsOf = logprob => -logprob / Math.LN2;

/** A token's text as a name: the spaces it begins with are marked, for they are part of it. */
export function named(piece) {
  const spaces = piece.length - piece.trimStart().length;
  return spaces ? [element('span', {class: 'space', 'aria-hidden': 'true'}, '␣'.repeat(spaces)), piece.slice(spaces)] : [piece];
}

/** A token's part of a running text: line ends are marked and break the line; a mark stands for a part of a character. */
export function flowing(token) {
  if (token.text === '') return [element('span', {class: 'mark'}, token.piece === '' ? '…' : special(token.piece) ? token.piece : '▯')];
  return token.text.split('\n').flatMap((part, i) =>
    i ? [element('span', {class: 'mark', 'aria-hidden': 'true'}, '↵'), '\n', part] : [part]);
}

const special = piece => /^<.+>$/.test(piece) || /^\[.+\]$/.test(piece);

/** How strongly a token is shaded, from 0 to ½, by what the user chose to see. */
export function shade(logprob, by) {
  if (logprob === null) return 0;
  return by === 'surprise' ? 0.5 * Math.min(1, bitsOf(logprob) / 14) : 0.5 * Math.pow(Math.exp(logprob), 0.35);
}

/** What the model itself gives a token: the surprise is of this probability, never of one that knobs have shaped. */
export const chance = logprob => logprob === null ? 'no chance known'
  : `without the knobs ${percent(Math.exp(logprob))}, ${bits(bitsOf(logprob))} bits`;

const bits = value => value.toFixed(value < 1 ? 2 : 1);

export const count = (n, what) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;

/** A button that does something. */
export function button(text, action, attributes = {}) {
  const b = element('button', {type: 'button', ...attributes}, text);
  b.addEventListener('click', action);
  return b;
}

/** An input with a label before it. */
export function labelled(text, input, attributes = {}) {
  return element('label', attributes, text + ' ', input);
}
