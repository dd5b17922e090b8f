import {post} from './api.js';
import {logitsOf} from './shape.js';

const KEPT = 64, TOP = 200;

/** Asks for the logits after a text, and remembers those of the last texts, since users look at the same text again and again. */
export function createDistributions() {
  const known = new Map();                            // the most recently used last
  return {
    has: (model, ids) => known.has(model + ' ' + ids.join()),

    /** @param ids at least one @returns for the token after `ids`: {logits (V), names: id → name of the 200 likeliest tokens} */
    async after(model, ids, signal) {
      const key = model + ' ' + ids.join();
      let found = known.get(key);
      if (!found) {
        const {logits, top} = await post('/inkling/v1/distribution', {model, ids, top: TOP, logits: true}, {signal});
        found = {logits: logitsOf(logits), names: new Map(top.map(entry => [entry.id, entry.piece]))};
      }
      known.delete(key);
      known.set(key, found);
      if (known.size > KEPT) known.delete(known.keys().next().value);
      return found;
    },
    forget: () => known.clear(),
  };
}
