import {createConnection} from './connection.js';
import {createDistributions} from './distributions.js';
import {emitter} from './emitter.js';
import {DEFAULT_OPTIONS} from './sampling.js';
import {createTree} from './tree.js';
import {writeBranch} from './writer.js';

const HISTORY = 200;

/** What the parts of the playground share. playground.js lists what panels may use of it; tree.js says what a branch is. */
export function createApp() {
  const {on, tell} = emitter();
  const tree = createTree();
  const history = {places: [], now: -1};
  const state = {
    model: null, models: [], properties: null, connection: {state: 'connecting', text: 'Connecting…'},
    options: {...DEFAULT_OPTIONS}, seed: '', exact: false, maxTokens: 60, shown: null, position: null, peek: null, beside: null,
  };
  const app = {state, on, tell, tree, distributions: createDistributions()};

  app.selection = () => {
    const {shown, position} = state;
    if (!shown || position === null || position >= shown.tokens.length) return null;
    const upTo = shown.tokens.slice(0, position + 1);
    return {model: shown.model, ids: upTo.map(token => token.id), tokens: upTo.map(token => token.piece),
      text: upTo.map(token => token.text).join(''), position, options: {...shown.options}};
  };

  /** Shows a branch and chooses one of its tokens (null: none). The history remembers this place. */
  app.show = (branch, position = null) => {
    if (branch !== state.shown || position !== state.position) {
      history.places.splice(history.now + 1, history.places.length, {branch, position});
      if (history.places.length > HISTORY) history.places.shift();
      history.now = history.places.length - 1;
    }
    go(branch, position);
  };

  function go(branch, position) {
    const other = branch !== state.shown;
    Object.assign(state, {shown: branch, position, peek: null});
    if (other) tell('branch', branch);
    tell('select', app.selection());
  }

  app.select = position => app.show(state.shown, position);

  /** Looks at a token without choosing it; null ends the look. */
  app.peek = position => {
    if (position === state.peek) return;
    state.peek = position;
    tell('peek');
  };

  app.canGo = by => history.places[history.now + by] !== undefined;

  /** Goes back (−1) or forward (1) in the history of places that were shown. */
  app.go = by => {
    if (!app.canGo(by)) return;
    history.now += by;
    const {branch, position} = history.places[history.now];
    go(branch, position);
  };

  /**
   * Writes a new branch of the shown text: the same tokens before `position`, then the token `id`, then what the model writes after it.
   * `token` may have the piece, text and logprob of the token `id`.
   */
  app.branch = (position, id, token = {}) => {
    const parent = state.shown;
    const tokens = [...parent.tokens.slice(0, position), {id, piece: '', text: '', logprob: null, ...token}];
    return app.write({parent, at: position, tokens, source: sourceOf(parent, tokens), ...modelOf(parent)}, position);
  };

  /** Writes a new branch that goes on after the last token of the shown text. */
  app.goOn = () => {
    const parent = state.shown;
    return app.write({parent, at: parent.tokens.length, tokens: parent.tokens, source: sourceOf(parent, parent.tokens),
      ...modelOf(parent)});
  };

  /** Writes the shown text anew, with its seed and the present settings, and shows the two texts beside each other. */
  app.again = () => {
    const other = state.shown;
    const branch = app.write({parent: app.tree.get(other.parent), at: other.at, tokens: other.tokens.slice(0, other.prompt),
      source: other.source, seed: other.seed, ...modelOf(other)});
    app.putBeside(other);
    return branch;
  };

  app.putBeside = branch => {
    state.beside = branch;
    tell('beside', branch);
  };

  /** A text goes on with the model that began it, because its ids belong to that model's vocabulary. */
  const modelOf = ({model, directory, context}) => ({model, directory, context});

  /**
   * What the server continues, for a branch that begins with `tokens`. If its parent answers a conversation and `tokens` reach into that
   * answer, the server gets the conversation and the beginning of the answer. So the tokens that end a model's turn also end this text.
   */
  function sourceOf({source, prompt}, tokens) {
    const ids = tokens.map(token => token.id);
    const begun = source.messages ? prompt - source.begin.length : Infinity;
    return tokens.length > begun ? {messages: source.messages, begin: ids.slice(begun)} : {ids};
  }

  /** Begins a branch with the present settings, shows it, and has the server write it. */
  app.write = (what, position = null) => {
    const {model, options, exact, maxTokens} = state;
    const {directory, n_ctx: context} = state.properties || {};
    const branch = tree.add({model, directory, context, options: {...options}, seed: newSeed(), exact, maxTokens,
      ...what});
    if (!branch.parent) app.putBeside(null);
    app.show(branch, position);
    tell('tree');
    writeBranch(app, branch);
    return branch;
  };

  /** The seed that the user typed, or else a random seed. The page shows it, so that the text can be written again. */
  function newSeed() {
    return state.seed === '' ? Math.floor(Math.random() * 2 ** 31) : Number(state.seed);
  }

  app.setOptions = options => {
    Object.assign(state.options, options);
    tell('options', state.options);
  };

  app.forget = () => {
    tree.all().forEach(branch => branch.stop());
    tree.clear();
    Object.assign(history, {places: [], now: -1});
    Object.assign(state, {shown: null, position: null, peek: null, beside: null});
    tell('branch', null);
    tell('tree');
    tell('select', null);
  };

  const connection = createConnection(app);
  app.start = connection.start;
  app.lost = connection.lost;
  app.ready = connection.ready;
  app.use = connection.use;
  return app;
}
