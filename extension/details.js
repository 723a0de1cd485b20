import { connect, press, sayWords } from './desk.js';

sayWords();
let face;

const background = connect('details', { case: location.hash.slice(1) || 'latest' }, (message) => {
  if (message.none || message.gone) return;
  face = message;
  const root = globalThis.faultlinePaint(document.body, face.tree);
  const json = root.querySelector('#report-json');
  if (json.textContent !== face.copy['copy-json']) json.textContent = face.copy['copy-json'];
});

press(document.body, () => face.copy, (action, button) => {
  const [kind, name] = action.split(':');
  if (kind === 'switch') background.want({ [name]: button.getAttribute('aria-pressed') !== 'true' });
  else background.do(action);
});
addEventListener('hashchange', () => location.reload());
