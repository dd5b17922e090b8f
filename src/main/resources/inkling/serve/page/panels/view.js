// Shows a view of the pages that commands write (attention.html, lens.html or word-trace.html) inside a panel.
const files = new Map();

/** The text of a file of the page. It is fetched once, unless that fails. */
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
 * Puts the HTML of a view and its styles into `place`, and removes what was there before. They are in a shadow root, so their ids and
 * styles do not meet those of the page.
 *
 * @param name attention, lens or word-trace
 * @returns a promise of the shadow root, into which the view's script draws
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
