// The playground: write with a model, look at any token, go on from another one.
//
// How it is put together. `app.js` holds what is known (`app.state`) and tells of changes; every other module shows a part of it or changes
// it through `app`. Modules do not know each other.
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
//   tokens     their texts
//   position   of the chosen token, from 0
//   options    {temperature, top_k, top_p, min_p, repetition_penalty}, named as in requests: how this token was drawn
//
// app offers
//   state              {model, models, properties (of /props), …}
//   selection()        the same as show's
//   select(position)   chooses another token of the text that is shown
//   branch(position, id)  goes on from there with another token
//   on(event, f)       'select', 'text' (tokens came), 'model' (another model, or it was loaded anew), 'options', 'connection'
import {createApp} from './app.js';
import {showPanels} from './panels.js';
import {PANELS} from './panels/index.js';

const root = document.getElementById('playground');
const app = createApp();
const views = inkling.element('section', {class: 'views', 'aria-label': 'Inside the model'});
root.append(views);
showPanels(views, app, PANELS);
app.start();
