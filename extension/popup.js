import { connect, press, sayWords } from './desk.js';

sayWords();
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
let face;

async function nothing() {
  const say = (tag, key) => Object.assign(document.createElement(tag), { textContent: chrome.i18n.getMessage(key) });
  const main = document.getElementById('faultline');
  main.className = 'fl fl-none';
  main.replaceChildren(say('h1', 'nothing_title'), say('p', 'nothing_text'));
  // News of a site that is back, where there was no permission to notify: seen now.
  const [news, usual] = [await chrome.action.getTitle({}), chrome.i18n.getMessage('action_title')];
  if (news === usual) return;
  main.firstChild.textContent = news;
  chrome.action.setTitle({ title: usual });
  chrome.action.setBadgeText({ text: '' });
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
