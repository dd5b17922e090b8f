// The playground: write with a model, look at any token, go on from another one.
//
// How it is put together. `app.js` holds what is known (`app.state`) and tells of changes. Each part of the page is a module that shows
// some of it, or changes it through `app`; the parts do not know each other.
//
// A panel shows the inside of the chosen token. It is a module `panels/NAME.js` which exports
//   id, title          of its tab
//   mount(root, app)   called once, when its tab is first opened; root is an empty section
//   show(selection)    called when its tab is opened, and after that whenever another token is chosen or its text changes
// and stands in the list of panels/index.js. Their styles are in panels.css.
//
// selection is null where no token is chosen, else
//   model      the name that requests call the model by
//   ids        of the text up to the chosen token, which is the last one
//   tokens     their names, with line ends and the like spelled out
//   text       what they say together
//   position   of the chosen token, from 0
//   options    the settings of sampling (sampling.js), named as in requests: how this token was drawn
//
// app offers
//   state              {model, models, properties (of /props), …}
//   selection()        the same as show's
//   select(position)   chooses another token of the text that is shown
//   branch(position, id)  goes on from there with another token
//   on(event, f)       'select', 'text' (tokens came), 'model' (another model, or it was loaded anew), 'options', 'connection'
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
const branches = place('branches', 'Branches'), share = place('share', 'Have it elsewhere'), views = place('views', 'Inside the model');
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

// Something to look at once a text is complete: its first new word.
app.on('text', branch => {
  const answered = branch.state === 'done' && branch.tokens.length > branch.prompt;
  if (branch === app.state.shown && answered && app.state.position === null) app.select(firstWord(branch));
});

/** The first new token that is a word of two letters or more; if there is none, the first new token. */
function firstWord({tokens, prompt}) {
  const follows = i => i + 1 === tokens.length || !/^\p{L}/u.test(tokens[i + 1].text);
  const found = tokens.findIndex(({text}, i) => i >= prompt && /^\s\p{L}{2,}$/u.test(text) && follows(i));
  return found < 0 ? prompt : found;
}

app.start();
