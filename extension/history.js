import { connect, press, sayWords } from './desk.js';

sayWords();
let face;
const background = connect('history', {}, (message) => {
  face = message;
  globalThis.faultlinePaint(document.body, face.tree);
});
press(document.body, () => face.copy, background.do);
