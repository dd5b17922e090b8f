// The dashboard has three views: the list of runs, one run as it learns, and several runs laid over each other. The fragment of the address
// chooses the view:
//   #run=NAME                        one run
//   #compare=NAME&compare=NAME       several runs
//   #process=PID                     the list, until the process PID trains a run; then that run
//   anything else                    the list
//
// Each view is a function (root, server, …) that shows the view in root and returns a function that ends it.
import {createServer} from './runs/server.js';
import {showList} from './runs/list.js';
import {showRun} from './runs/run.js';
import {showSeveral} from './runs/several.js';

const root = document.getElementById('runs');
const server = createServer(document.getElementById('connection'));
let end = () => {};

function show() {
  end();
  const asked = new URLSearchParams(location.hash.slice(1));
  const names = asked.getAll('compare');
  root.replaceChildren();
  root.dataset.state = 'loading';
  end = asked.has('run') ? showRun(root, server, asked.get('run'))
    : names.length > 1 ? showSeveral(root, server, names)
    : showList(root, server, asked.get('process'));
}

addEventListener('hashchange', show);
show();
