import {get} from './api.js';

const SOONEST = 500, LATEST = 5000;   // milliseconds between two tries
const LOOK = 5000;                    // milliseconds between two looks at a server that has answered

/**
 * Knows whether the server answers, which models it has, and the properties of the chosen model. While the server does not answer or has no
 * model, this asks it again and again, even if nobody uses the page. If the server wants an API key, this waits for the key.
 */
export function createConnection(app) {
  const {state, tell} = app;
  let trying = null, seen = '';

  function be(kind, text) {
    state.connection = {state: kind, text};
    tell('connection', state.connection);
  }

  /** Reads the list of models and, unless all is as before, the chosen model's properties. Returns whether the server has a model. */
  async function load() {
    const {data} = await get('/v1/models');
    const now = JSON.stringify(data.map(({id, created}) => [id, created]));
    if (now === seen && state.connection.state === 'ready') return true;
    state.models = data.map(model => model.id);
    if (!state.models.length) {
      seen = now;
      be('waiting', 'The server has no model yet.');
      return false;
    }
    const chosen = state.models.includes(state.model) ? state.model : state.models[0];
    await use(chosen);
    seen = now;
    return true;
  }

  async function use(model) {
    state.properties = await get('/props?model=' + encodeURIComponent(model));
    state.model = model;
    be('ready', '');
    tell('model', model);
  }

  /** Asks until the server answers and has a model, or until it wants an API key. */
  async function untilReady() {
    for (let wait = SOONEST; ; wait = Math.min(LATEST, wait * 2)) {
      try {
        if (await load()) return;
      } catch (e) {
        if (e.status === 401) return be('key', e.message);
        be(e.status === 503 ? 'waiting' : 'lost', `${e.message} Trying again…`);
      }
      await new Promise(done => setTimeout(done, wait));
    }
  }

  const begin = () => trying ||= untilReady().finally(() => { trying = null; });

  /** To be called when a request fails because the server does not answer or lacks the model. */
  function lost(why) {
    be('lost', `${why} Trying again…`);
    begin();
  }

  setInterval(() => {
    if (trying || document.hidden || state.connection.state !== 'ready') return;
    load().then(there => { if (!there) begin(); }, e => lost(e.message));
  }, LOOK);

  return {
    start: begin,
    use,
    lost,
    /** Resolves when `untilReady` no longer asks; at once if it does not ask now. */
    ready: async () => { await trying; },
  };
}
