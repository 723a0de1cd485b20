import { connect, press, sayWords } from './desk.js';

sayWords();
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
let face;

const act = connect('popup', { tab: tab.id }, (message) => {
  if (message.gone) return window.close();
  if (message.none) return;
  face = message;
  globalThis.faultlinePaint(document.body, face.tree);
});

press(document.body, () => face.copy, (action) => {
  act(action);
  if (action === 'details') window.close();
});
