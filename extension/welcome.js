// The first page: what this is, and a sample through the real core.

import { connect, sayWords } from './desk.js';

sayWords();
const button = document.getElementById('try');
const frame = document.getElementById('sample');

button.addEventListener('click', () => {
  const background = connect('sample', { done: false }, ({ tree }) => {
    const first = frame.hidden;
    frame.hidden = false;
    globalThis.faultlinePaint(frame, tree);
    if (!first) return;
    frame.scrollIntoView({ block: 'nearest' });
    // As long as real checks take, so that the sample shows how the answer comes.
    setTimeout(() => background.want({ done: true }), 900);
  });
  button.disabled = true;
});
