import { connect, press, sayWords } from './desk.js';

sayWords();
let face;
const wanted = () => location.hash.slice(1) || 'latest';

const act = connect('details', { case: wanted() }, (message) => {
  if (message.none || message.gone) return;
  face = message;
  const root = globalThis.faultlinePaint(document.body, face.details);
  const json = root.querySelector('#report-json');
  if (json.textContent !== face.copy['copy-json']) json.textContent = face.copy['copy-json'];
});

press(document.body, () => face.copy, act);
addEventListener('hashchange', () => location.reload());
