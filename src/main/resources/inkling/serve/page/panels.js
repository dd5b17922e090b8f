// The views of the chosen token, as tabs. Each view is a module with id, title, mount(root, app) and show(selection); see playground.js.
const {element} = inkling;
const PAUSE = 150;   // milliseconds from the choice of a token until the open panel gets it

/** Puts tabs for `panels` into `root`. A panel is mounted when its tab is first opened. While it is open, it gets the selection. */
export function showPanels(root, app, panels) {
  if (!panels.length) return;
  const tabs = element('div', {role: 'tablist', 'aria-label': 'Views of the chosen token'});
  const parts = panels.map((panel, i) => {
    const tab = element('button', {type: 'button', role: 'tab', id: 'tab-' + panel.id, 'aria-controls': 'panel-' + panel.id}, panel.title);
    const place = element('section', {role: 'tabpanel', id: 'panel-' + panel.id, 'aria-labelledby': 'tab-' + panel.id});
    tabs.append(tab);
    tab.addEventListener('click', () => {
      open(i);
      root.classList.add('opened');                     // makes the section so tall that the tabs can be scrolled to the window's top
      tabs.scrollIntoView({block: 'start'});
    });
    return {panel, tab, place, mounted: false};
  });
  let current = -1;

  function open(index) {
    current = index;
    parts.forEach(({tab, place}, i) => {
      tab.setAttribute('aria-selected', String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
      place.hidden = i !== index;
    });
    const part = parts[index];
    if (!part.mounted) {
      part.mounted = true;
      part.panel.mount(part.place, app);
    }
    show();
  }

  function show() {
    if (current >= 0) parts[current].panel.show(app.selection());
  }

  tabs.addEventListener('keydown', e => {
    const to = {ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: parts.length - 1}[e.key];
    if (to === undefined) return;
    e.preventDefault();
    open((to + parts.length) % parts.length);
    parts[current].tab.focus();
  });
  root.append(tabs, ...parts.map(part => part.place));
  let waiting = 0;
  app.on('select', () => {                             // arrow keys pass over many tokens: only the last gets a view
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  });
  app.on('model', show);           // another model, or this one's properties were read again, e.g. after the connection was lost
  open(0);
}
