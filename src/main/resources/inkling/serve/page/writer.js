import {post, stream} from './api.js';

const AGAIN = 1000;   // least milliseconds until the request is sent again, e.g. after the queue was full
const LEAST = 0.1;    // seconds of writing before a rate is shown: tokens that come together would make it too high

/**
 * The path and the body of the request that makes the server write a branch. A request without messages has a prompt, if only an empty
 * text: OpenAI's clients require one.
 */
export function requestOf(branch) {
  const {model, source, options, seed, exact, maxTokens} = branch;
  const sampling = {...options, max_tokens: maxTokens, seed};
  if (source.messages) {
    return {path: '/v1/chat/completions', body: {model, messages: source.messages, ...sampling,
      inkling: {exact, ...(source.begin.length ? {begin: source.begin} : {})}}};
  }
  const prompt = source.ids?.length ? source.ids : source.prompt ?? '';
  return {path: '/v1/completions', body: {model, prompt, ...sampling, inkling: {exact}}};
}

/**
 * Has the server write a branch, and tells the event 'text' at each change. If the server cannot answer for now (e.g. because its queue is
 * full) or the connection is lost, this asks again until the user stops it. Each time, the server writes the text from its beginning, with
 * the same seed.
 */
export async function writeBranch(app, branch) {
  const abort = new AbortController();
  branch.stop = () => abort.abort();
  be('asking');
  for (;;) {
    try {
      await once(app, branch, abort.signal, be);
      be('done');
      break;
    } catch (e) {
      if (abort.signal.aborted) {
        be('stopped');
        break;
      }
      if (!e.retryable) {
        be('failed', e.message || String(e));
        break;
      }
      be('retrying', e.message);
      if (e.status === 0) app.lost(e.message);
      await Promise.race([pause(AGAIN).then(app.ready), new Promise(done => abort.signal.addEventListener('abort', done))]);
    }
  }
  await scored(app, branch).catch(() => {});                    // without scores, some tokens have no shade: not worth an error message
  app.tell('text', branch);
  app.tell('tree');

  function be(state, note = '') {
    Object.assign(branch, {state, note});
    app.tell('text', branch);
  }
}

const pause = millis => new Promise(done => setTimeout(done, millis));

async function once(app, branch, signal, be) {
  const {path, body} = requestOf(branch);
  const figures = branch.figures = {cached: null, rate: null, ahead: null, read: null, of: null};
  let n = branch.prompt, since = performance.now();       // when the writing began: after the wait and the reading, if there were any
  await stream(path, {...body, stream: true, stream_options: {include_usage: true}, inkling: {...body.inkling, tokens: true}}, {signal,
    onEvent(event) {
      const [choice] = event.choices;
      const {prompts, ahead, read, of} = event.inkling || {};
      if (prompts) n = takePrompt(branch, prompts[0]);
      if (ahead !== undefined) figures.ahead = ahead;
      if (read !== undefined) Object.assign(figures, {read, of});
      if (ahead || read) since = performance.now();
      if (event.usage) figures.cached = event.usage.prompt_tokens_details.cached_tokens;
      if (choice?.finish_reason) branch.finish = choice.finish_reason;
      for (const token of choice?.inkling?.tokens || []) {
        branch.tokens[n++] = token;
      }
      const written = n - branch.prompt;
      const seconds = (performance.now() - since) / 1000;
      if (written > 1 && seconds >= LEAST && choice?.inkling?.tokens?.length) figures.rate = written / seconds;
      be(written ? 'writing' : read !== undefined ? 'reading' : ahead !== undefined ? 'waiting' : branch.state);
    }});
  branch.tokens.length = n;
}

/** Takes the prompt's tokens as the model reads them. A token whose logprob is known keeps it. Returns the number of tokens. */
function takePrompt(branch, prompt) {
  prompt.forEach((token, i) => {
    const known = branch.tokens[i];
    branch.tokens[i] = {...token, logprob: known && known.id === token.id ? known.logprob : null};
  });
  return branch.prompt = prompt.length;
}

/** Asks for the log-probabilities of the prompt's tokens, since the model did not draw them. */
async function scored(app, branch) {
  const missing = branch.tokens.some((token, i) => i > 0 && token.logprob === null);
  if (!missing || branch.tokens.length < 2) return;
  const {positions} = await post('/inkling/v1/score', {model: branch.model, ids: branch.tokens.map(token => token.id), top: 1});
  positions.forEach(({logprob}, i) => { if (branch.tokens[i].logprob === null) branch.tokens[i].logprob = logprob; });
}
