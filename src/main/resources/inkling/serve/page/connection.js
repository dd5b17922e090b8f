import {get} from './api.js';

const SOONEST = 500, LATEST = 5000;   // milliseconds between two tries

/**
 * Whether the server answers, which models it has, and what the chosen one is like. Where it does not answer, or has no model yet, this asks
 * again until it does: nobody has to press anything.
 */
export function createConnection(app) {
  const {state, tell} = app;
  let trying = null;

  function be(kind, text) {
    state.connection = {state: kind, text};
    tell('connection', state.connection);
  }

  async function load() {
    const {data} = await get('/v1/models');
    state.models = data.map(model => model.id);
    if (!state.models.length) {
      be('waiting', 'The server has no model yet.');
      return false;
    }
    await use(state.models.includes(state.model) ? state.model : state.models[0]);
    return true;
  }

  async function use(model) {
    state.properties = await get('/props?model=' + encodeURIComponent(model));
    state.model = model;
    be('ready', '');
    tell('model', model);
  }

  /** Asks until the server answers and has a model. */
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

  return {
    start: begin,
    use,
    /** Somebody found that the server does not answer. */
    lost(why) {
      be('lost', `${why} Trying again…`);
      begin();
    },
    /** Resolves once the server answers. */
    ready: async () => { await trying; },
  };
}
