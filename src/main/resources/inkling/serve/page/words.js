// How tokens and figures are shown; buttons, labelled inputs and copying.
const {element, percent} = inkling;

export const bitsOf = logprob => -logprob / Math.LN2;

/** A token's text as a name. The spaces that it begins with are part of the token, so they are marked. */
export function named(piece) {
  const spaces = piece.length - piece.trimStart().length;
  return spaces ? [element('span', {class: 'space', 'aria-hidden': 'true'}, '␣'.repeat(spaces)), piece.slice(spaces)] : [piece];
}

/** A token's part of a running text. Line ends get a mark, and break the line. A mark also stands for a token without text. */
export function flowing(token) {
  if (token.text === '') return [element('span', {class: 'mark'}, token.piece === '' ? '…' : special(token.piece) ? token.piece : '▯')];
  return token.text.split('\n').flatMap((part, i) =>
    i ? [element('span', {class: 'mark', 'aria-hidden': 'true'}, '↵'), '\n', part] : [part]);
}

const special = piece => /^<.+>$/.test(piece) || /^\[.+\]$/.test(piece);

/** How strongly a token is shaded, from 0 to ½. @param by what the user chose to see: 'surprise' or 'probability' */
export function shade(logprob, by) {
  if (logprob === null) return 0;
  return by === 'surprise' ? 0.5 * Math.min(1, bitsOf(logprob) / 14) : 0.5 * Math.pow(Math.exp(logprob), 0.35);
}

/** The probability and the surprise of a token in words. Both are the model's own: the knobs of the page do not change them. */
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

/**
 * Copies a text, and returns what to tell the user. If the browser does not allow copying, shows the text in `place` and selects it there.
 */
export async function copied(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied.';
  } catch {
    place.textContent = text;
    getSelection().selectAllChildren(place);
    return 'The browser does not allow copying. The text is selected: copy it with Ctrl+C.';
  }
}

/** An input with a label before it. */
export function labelled(text, input, attributes = {}) {
  return element('label', attributes, text + ' ', input);
}
