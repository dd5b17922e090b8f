// A conversation, turn by turn. The user can change every turn, and can ask the model for another answer to each turn of the user.
import {answerOf, isWritten} from './tree.js';
import {button} from './words.js';

const {element} = inkling;

/** @param write asks the model for the next answer */
export function createChat(app, write) {
  const root = element('div', {class: 'chat', role: 'group', 'aria-label': 'Conversation'});
  const system = element('textarea', {id: 'system', rows: 1, 'aria-label': 'System prompt', placeholder: 'System prompt (none)',
    spellcheck: 'false'});
  const list = element('ol', {class: 'turns'});
  const remark = element('p', {class: 'note', hidden: ''});
  root.append(system, list, remark);
  let turns = [{role: 'user', content: ''}];
  let taken = null;                                  // the id of the branch whose answer was shown last

  function draw(focus = -1) {
    list.replaceChildren(...turns.map((turn, i) => {
      const who = turn.role === 'user' ? 'You' : 'Model';
      const area = element('textarea', {rows: 2, 'aria-label': `Turn ${i + 1}, ${who}`, spellcheck: 'false',
        placeholder: turn.role === 'user' ? 'Say something' : ''});
      area.value = turn.content;
      area.addEventListener('input', () => { turn.content = area.value; });
      const actions = element('span', {class: 'actions'});
      if (turn.role === 'user') actions.append(button('Ask from here', () => askFrom(i),
        {class: 'quiet', 'aria-label': `Ask again from turn ${i + 1}`}));
      if (i > 0) actions.append(button('Remove', () => cutAt(i), {class: 'quiet', 'aria-label': `Remove turn ${i + 1} and what follows`}));
      return element('li', {class: turn.role}, element('span', {class: 'who'}, who), area, actions);
    }));
    if (focus >= 0) list.querySelectorAll('textarea')[focus]?.focus();
  }

  /** Asks the model from turn i. Drops the later turns, which belong to the old text of turn i; the tree of branches keeps them. */
  function askFrom(i) {
    turns = turns.slice(0, i + 1);
    draw();
    write();
  }

  function cutAt(i) {
    turns = turns.slice(0, i);
    if (turns.at(-1).role === 'assistant') turns.push({role: 'user', content: ''});
    draw(turns.length - 1);
  }

  function fill(messages) {
    system.value = messages[0]?.role === 'system' ? messages[0].content : '';
    turns = messages.filter(message => message.role !== 'system').map(message => ({...message}));
    if (!turns.length) turns = [{role: 'user', content: ''}];
    draw();
  }

  draw();
  return {
    root,
    fill,
    /** The conversation up to the user's last message. If the last turn is empty, leaves it out, and the answer before it. */
    source() {
      const said = turns.at(-1).role === 'user' && turns.at(-1).content === '' && turns.length > 1 ? turns.slice(0, -2) : turns;
      const messages = said.map(turn => ({...turn}));
      return {messages: system.value ? [{role: 'system', content: system.value}, ...messages] : messages, begin: []};
    },
    /** To be called when the model has answered or was stopped: shows its turn, and an empty turn for the user. */
    answered(branch) {
      if (taken === branch.id) return;
      taken = branch.id;
      fill([...branch.source.messages, {role: 'assistant', content: fullAnswer(branch)}, {role: 'user', content: ''}]);
    },
    /** Shows the turns of another branch. */
    take(branch) {
      taken = null;
      if (isWritten(branch)) this.answered(branch);
      else fill(branch.source.messages);
    },
    remark(text) {
      remark.hidden = !text;
      remark.textContent = text;
    },
  };
}

/** The answer's text, with the beginning that was given to the model. */
function fullAnswer(branch) {
  const begin = branch.tokens.slice(branch.prompt - branch.source.begin.length, branch.prompt).map(token => token.text).join('');
  return begin + answerOf(branch);
}
