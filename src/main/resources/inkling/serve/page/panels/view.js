// A view of the pages that commands write (attention.html, lens.html, word-trace.html and what draws into them), inside a panel.
const files = new Map();

/** A file of the page, asked for once. */
function file(name) {
  if (!files.has(name)) {
    const asked = fetch(new URL('../' + name, import.meta.url)).then(response => {
      if (!response.ok) throw new Error(`${name} could not be loaded (${response.status}).`);
      return response.text();
    });
    files.set(name, asked);
    asked.catch(() => files.delete(name));
  }
  return files.get(name);
}

async function sheet(name) {
  const styles = new CSSStyleSheet();
  styles.replaceSync(await file(name));
  return styles;
}

/**
 * The skeleton of a view with its styles, in a shadow root of `place`: its ids and styles are its own there. Takes the place of what was
 * there before.
 *
 * @param name attention, lens or word-trace
 */
export async function viewIn(place, name) {
  const [html, ...sheets] = await Promise.all([file(name + '.html'), ...['page.css', 'flow.css', name + '.css'].map(sheet)]);
  const host = inkling.element('div', {class: 'view'});
  const root = host.attachShadow({mode: 'open'});
  root.innerHTML = html;
  root.adoptedStyleSheets = sheets;
  place.replaceChildren(host);
  return root;
}
