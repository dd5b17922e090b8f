// The playground: write with a model, look at any token, go on from another one.
//
// How the page is put together. `app.js` holds what the parts of the page share (`app.state`), and tells of changes. Each part is a module
// that shows a part of this state, or changes it through `app`.
//
// A panel shows what the model does inside at the chosen token. It is a module `panels/NAME.js`, which panels/index.js lists. Its styles
// are in panels.css. It exports:
//   id, title          of its tab
//   mount(root, app)   called once, when the tab is first opened; root is an empty section
//   show(selection)    called when the tab is opened; while it is open, also at the events 'select' (a moment later) and 'model'
//
// The selection is null if no token is chosen, or if the place after the last token is chosen. Else it has:
//   model      the name that requests call the model by
//   ids        the ids of the text up to the chosen token, whose id is the last
//   tokens     the names of these tokens, with line ends and the like spelled out
//   text       the text of these tokens
//   position   the position of the chosen token, from 0
//   options    the settings of sampling (sampling.js) that the text was written with, named as in requests
//
// The app offers to panels:
//   state              {model, models, properties (of /props), …}
//   selection()        the present selection, as show gets it
//   select(position)   chooses another token of the shown text
//   branch(position, id)  writes a new text from there, with another token
//   tree               the texts that were written (tree.js)
//   lost(message)      to be called when a request fails because the server does not answer
//   on(event, f)       'select', 'text' (it grew, or its state changed), 'options', 'connection', 'model' (another model, or the page
//                      has read the properties of this one again)
import {createApp} from './app.js';
import {showBeside, showBranches} from './branches.js';
import {showComposer} from './compose.js';
import {showDistribution} from './distribution.js';
import {showHead} from './head.js';
import {showKnobs} from './knobs.js';
import {showPanels} from './panels.js';
import {PANELS} from './panels/index.js';
import {showShare} from './share.js';
import {showText} from './text.js';

const {element} = inkling;
const root = document.getElementById('playground');
const app = createApp();

const place = (kind, name, tag = 'section') => element(tag, {class: kind, ...(name ? {'aria-label': name} : {})});
const compose = place('compose', 'What the model is given'), text = place('reading', 'Text'),
  beside = place('beside', 'Another text beside it');
const knobs = place('knobs', 'Settings of sampling', 'div'), bars = place('bars', 'What the chosen token could have been', 'div');
const branches = place('branches', 'Branches'), share = place('share', 'Copy or save'), views = place('views', 'Inside the model');
root.append(
  element('div', {class: 'desk'}, compose, element('div', {class: 'texts'}, text, beside),
    element('aside', {class: 'panel', 'aria-label': 'The chosen token'}, knobs, bars), branches, share),
  views);

showHead(app);
showComposer(compose, app);
showText(text, app);
showBeside(beside, app);
showBranches(branches, app);
showKnobs(knobs, app);
showDistribution(bars, app);
showPanels(views, app, PANELS);
showShare(share, app);

// When the shown text is complete and no token is chosen, chooses its first new word, so that there is something to look at.
app.on('text', branch => {
  const answered = branch.state === 'done' && branch.tokens.length > branch.prompt;
  if (branch === app.state.shown && answered && app.state.position === null) app.select(firstWord(branch));
});

/** The first new token that is a space and a word of two letters or more; if there is none, the first new token. */
function firstWord({tokens, prompt}) {
  const follows = i => i + 1 === tokens.length || !/^\p{L}/u.test(tokens[i + 1].text);
  const found = tokens.findIndex(({text}, i) => i >= prompt && /^\s\p{L}{2,}$/u.test(text) && follows(i));
  return found < 0 ? prompt : found;
}

app.start();
