// The page names the extension to ask, and is told what it answered.
chrome.runtime.sendMessage(decodeURIComponent(location.hash.slice(1))).then((answers) => {
  document.documentElement.dataset.answers = JSON.stringify(answers);
});
