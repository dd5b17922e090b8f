// The texts that were written, as a tree. Each text is a branch. A branch that has a parent begins with the parent's first `at` tokens.

export function createTree() {
  const branches = [];
  return {
    /** All branches, in the order in which they were begun. */
    all: () => branches,

    get: id => branches.find(branch => branch.id === id) || null,

    children: parent => branches.filter(branch => branch.parent === (parent ? parent.id : null)),

    /**
     * Adds a branch. `tokens` are the known tokens of its prompt, each {id, piece, text, logprob}; the first `at` are the parent's.
     * `source` is what the server continues: {prompt: text}, {ids}, or {messages, begin: ids of the answer's beginning}. `context` is how
     * many tokens the model reads at most.
     */
    add({parent = null, at = 0, tokens = [], source, model, directory, context, options, seed, exact, maxTokens}) {
      const branch = {id: branches.length + 1, parent: parent ? parent.id : null, at, tokens: [...tokens], prompt: tokens.length,
        source, model,
        directory, context, options, seed, exact, maxTokens, state: 'new', note: '', figures: {}, finish: null, stop: () => {}};
      branches.push(branch);
      return branch;
    },

    clear() { branches.length = 0; },
  };
}

/** The first position at which two texts differ. If one is the beginning of the other, its length. */
export function departure(one, other) {
  let i = 0;
  while (i < one.length && i < other.length && one[i].id === other[i].id) i++;
  return i;
}

/** Whether the page still waits for the server to write a branch, or to finish it. */
export const isBusy = branch => ['asking', 'waiting', 'reading', 'writing', 'retrying'].includes(branch.state);

/** Whether the text has as many tokens as the model reads, so that it cannot be longer. */
export const isFull = branch => branch.tokens.length >= branch.context;

/** Whether a branch has been written, to its end or to where the user stopped it. Such a text can be continued, unless it is full. */
export const isWritten = branch => ['done', 'stopped'].includes(branch.state);

/** What was written after the prompt, as text. */
export const answerOf = branch => branch.tokens.slice(branch.prompt).map(token => token.text).join('');
