const strip = () => document.querySelectorAll('input[type=hidden]').forEach((field) => field.remove());
new MutationObserver(strip).observe(document, { childList: true, subtree: true });
