// What panels share: asking the server about a token, a text or the model, and telling the user how that goes.
const {element} = inkling;
const PAUSE = 120;   // milliseconds before a question is sent: arrow keys pass over many tokens

/** A token's name as it is shown: with spaces at its ends as ␣, line ends as ↵, tabs as ⇥. */
export function label(piece) {
  return piece.replace(/^ +| +$/g, spaces => '␣'.repeat(spaces.length)).replaceAll('\n', '↵').replaceAll('\t', '⇥');
}

const BUSY = 1_000;     // milliseconds until a server that was busy is asked again

/**
 * Sends the newest question only, and draws its answer or tells its fault.
 *
 * @param place where `draw` draws; a line of text before it says what the panel waits for, or what went wrong
 * @param ask (question, signal) => a promise of the answer
 * @param draw (answer, question, signal) draws into `place`; the signal is aborted before `place` gets other contents
 * @return a function that takes a question; for null, it shows `hint` instead
 */
export function asking({place, hint, ask, draw}) {
  const line = element('p', {class: 'note asking', role: 'status'});
  place.before(line);
  let current = null, drawn = null;

  function say(text, again) {
    line.replaceChildren(text);
    line.hidden = !text;
    if (!again) return;
    const retry = element('button', {type: 'button'}, 'Try again');
    retry.addEventListener('click', again);
    line.append(' ', retry);
  }

  function wipe() {
    drawn?.abort();
    drawn = null;
  }

  async function put(question) {
    current?.abort();
    const mine = current = new AbortController();
    if (question === null) {
      wipe();
      place.replaceChildren();
      place.dataset.state = 'empty';
      say(hint);
      return;
    }
    place.dataset.state = 'asking';
    const slow = setTimeout(() => { if (!mine.signal.aborted) say('One moment …'); }, 400);
    try {
      await new Promise(done => setTimeout(done, PAUSE));
      if (mine.signal.aborted) return;
      const answer = await ask(question, mine.signal);
      if (mine.signal.aborted) return;
      wipe();
      drawn = new AbortController();
      clearTimeout(slow);
      say('');
      await draw(answer, question, drawn.signal);
      if (!mine.signal.aborted) place.dataset.state = 'shown';
    } catch (e) {
      if (mine.signal.aborted || e.name === 'AbortError') return;
      wipe();
      place.replaceChildren();
      place.dataset.state = 'failed';
      say(e.message, e.retryable === false ? null : () => put(question));
      if (e.status === 503) setTimeout(() => { if (!mine.signal.aborted) put(question); }, BUSY);
    } finally {
      clearTimeout(slow);
    }
  }
  return put;
}

/** A field with its label before it. */
export function field(text, input) {
  return element('label', {class: 'field'}, text + ' ', input);
}

export const heading = text => element('h2', {}, text);
export const note = (...content) => element('p', {class: 'note'}, ...content);
