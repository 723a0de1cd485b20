import { connect, press, sayWords } from './desk.js';

sayWords();
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
let face;

function nothing() {
  const say = (tag, key) => Object.assign(document.createElement(tag), { textContent: chrome.i18n.getMessage(key) });
  const main = document.getElementById('faultline');
  main.className = 'fl fl-none';
  main.replaceChildren(say('h1', 'nothing_title'), say('p', 'nothing_text'));
}

const act = connect('popup', { tab: tab.id }, (message) => {
  if (message.gone) return window.close();
  if (message.none) return nothing();
  face = message;
  globalThis.faultlinePaint(document.body, face.tree);
});

press(document.body, () => face.copy, (action) => {
  act(action);
  if (action === 'details') window.close();
});
