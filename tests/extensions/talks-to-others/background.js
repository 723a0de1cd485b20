// Asks another extension by message and by port, and tells what came back.

const WANTS = [{ want: { case: 'latest' } }, { do: 'dismiss' }, { do: 'again' }, { want: { tab: 1 }, do: 'details' }];

async function ask(id) {
  const answers = [];
  for (const want of WANTS) {
    await chrome.runtime.sendMessage(id, want).then((a) => a !== undefined && answers.push(['message', a]), () => {});
  }
  for (const name of ['popup', 'details', 'card', '']) {
    await new Promise((done) => {
      const port = chrome.runtime.connect(id, { name });
      port.onMessage.addListener((a) => answers.push([name, a]));
      port.onDisconnect.addListener(() => {
        void chrome.runtime.lastError;
        done();
      });
      try {
        for (const want of WANTS) port.postMessage(want);
      } catch {
        // It hung up already.
      }
    });
  }
  return answers;
}

chrome.runtime.onMessage.addListener((id, _sender, reply) => {
  ask(id).then(reply, (error) => reply([['error', String(error)]]));
  return true;
});
