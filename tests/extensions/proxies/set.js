// Keeps to hosts under .test, so that only the failing site goes that way.
const script = `function FindProxyForURL(url, host) {
  return /^proxied[.]test$/.test(host) ? 'PROXY 127.0.0.1:${location.hash.slice(1)}' : 'DIRECT';
}`;
chrome.proxy.settings.set({ scope: 'regular', value: { mode: 'pac_script', pacScript: { data: script } } }, () => {
  document.title = 'done';
});
