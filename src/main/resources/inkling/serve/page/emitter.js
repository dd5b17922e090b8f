/** Tells listeners of named events. `on('select', f)` adds the listener f, and returns a function that removes it. */
export function emitter() {
  const listeners = new Map();
  return {
    on(event, f) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(f);
      return () => listeners.get(event).delete(f);
    },
    tell(event, value) {
      for (const f of listeners.get(event) || []) f(value);
    },
  };
}
